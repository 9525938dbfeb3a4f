import type { systemEndpoints } from '../contract/system.ts'
import { system } from '../query/system.ts'
import { workers } from '../query/workers.ts'
import type { Handlers } from '../served.ts'

export const systemHandlers: Handlers<Exclude<keyof typeof systemEndpoints, 'session' | 'logout'>> = {
  system,
  workers: ({ engine }) => workers(engine),
}
