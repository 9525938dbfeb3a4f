import type { systemEndpoints } from '../contract/system.ts'
import type { Handlers } from '../served.ts'

export const systemHandlers: Partial<Handlers<Exclude<keyof typeof systemEndpoints, 'session' | 'logout'>>> = {}
