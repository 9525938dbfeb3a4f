import type { runEndpoints } from '../contract/runs.ts'
import type { Handlers } from '../served.ts'

export const runHandlers: Partial<Handlers<keyof typeof runEndpoints>> = {}
