import { cancelRun } from '../command/cancel-run.ts'
import { retryRun } from '../command/retry-run.ts'
import { startRun } from '../command/start-run.ts'
import type { runEndpoints } from '../contract/runs.ts'
import { plannedRun } from '../query/planned-run.ts'
import { listAttempts } from '../query/run-attempts.ts'
import { runDetails } from '../query/run-details.ts'
import { runGrid } from '../query/run-grid.ts'
import { listRuns } from '../query/run-list.ts'
import { readRunLog } from '../query/run-log.ts'
import { runTimeline } from '../query/run-timeline.ts'
import type { Handlers } from '../served.ts'

export const runHandlers: Handlers<keyof typeof runEndpoints> = {
  plan: ({ engine }, asked) => plannedRun(engine, asked),
  startRun: ({ engine }, asked) => startRun(engine, asked),
  runs: ({ engine }, asked) => listRuns(engine, asked),
  run: ({ engine }, asked) => runDetails(engine, asked),
  runGrid: ({ engine }, asked) => runGrid(engine, asked),
  runSteps: ({ engine }, asked) => listAttempts(engine, asked),
  runTimeline: ({ engine }, asked) => runTimeline(engine, asked),
  runLog: ({ engine }, asked) => readRunLog(engine, asked),
  cancelRun: ({ engine }, asked) => cancelRun(engine, asked),
  retryRun: ({ engine }, asked) => retryRun(engine, asked),
}
