/** Makes one step for a machine that isolates it: `node step-program.ts HOW`. */
import { serveStep } from '#pipeline'
import type { Market } from './market.ts'
import { marketDefinitions } from './market.ts'
import { stagesOf } from './stop-at.ts'

await serveStep(marketDefinitions(JSON.parse(process.argv[2]!) as Market, stagesOf(undefined)))
