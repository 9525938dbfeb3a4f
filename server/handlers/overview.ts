import type { overviewEndpoints } from '../contract/overview.ts'
import { overview } from '../query/overview.ts'
import { throughput } from '../query/throughput.ts'
import type { Handlers } from '../served.ts'

export const overviewHandlers: Handlers<keyof typeof overviewEndpoints> = {
  overview: ({ engine }) => overview(engine),
  throughput: ({ engine }, { hours }) => throughput(engine).last(hours),
}
