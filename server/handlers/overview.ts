import type { overviewEndpoints } from '../contract/overview.ts'
import type { Handlers } from '../served.ts'

export const overviewHandlers: Partial<Handlers<keyof typeof overviewEndpoints>> = {}
