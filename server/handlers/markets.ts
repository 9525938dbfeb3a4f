import type { marketEndpoints } from '../contract/markets.ts'
import type { Handlers } from '../served.ts'

export const marketHandlers: Partial<Handlers<keyof typeof marketEndpoints>> = {}
