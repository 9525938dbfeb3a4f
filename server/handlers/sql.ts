import type { sqlEndpoints } from '../contract/sql.ts'
import type { Handlers } from '../served.ts'

export const sqlHandlers: Partial<Handlers<keyof typeof sqlEndpoints>> = {}
