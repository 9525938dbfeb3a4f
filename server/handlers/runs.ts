import { startRun } from '../command/start-run.ts'
import type { runEndpoints } from '../contract/runs.ts'
import { plannedRun } from '../query/planned-run.ts'
import type { Handlers } from '../served.ts'

export const runHandlers: Partial<Handlers<keyof typeof runEndpoints>> = {
  plan: ({ engine }, asked) => plannedRun(engine, asked),
  startRun: ({ engine }, asked) => startRun(engine, asked),
}
