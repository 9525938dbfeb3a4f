/** A process that runs a schedule and a sensor until it is sent SIGTERM: `node daemon-process.ts HOW`. */
import { openEngine, sqliteStore, startDaemon } from '#pipeline'
import type { Market } from './market.ts'
import { marketDefinitions } from './market.ts'
import type { StopAt } from './stop-at.ts'
import { stagesOf } from './stop-at.ts'

export interface DaemonHow extends Market {
  readonly store: string
  readonly stop?: StopAt
  readonly leaseMs?: number
}

const how = JSON.parse(process.argv[2]!) as DaemonHow
const stages = stagesOf(how.stop)
const engine = await openEngine({
  definitions: marketDefinitions(how, stages, { schedules: true, sensors: true }),
  store: stages.wrap(sqliteStore(how.store)),
  concurrency: 2,
  ...(how.leaseMs !== undefined && { leaseMs: how.leaseMs }),
})
const daemon = startDaemon(stages.wrap(engine), {
  everyMs: 100,
  onTick: ({ definition, status, note }) => process.stdout.write(`tick ${definition} ${status} ${note ?? ''}\n`),
})
process.stdout.write(`worker ${engine.worker}\n`)
// Its timers do not hold a process whose work is done.
const alive = setInterval(() => undefined, 60_000)
process.once('SIGTERM', async () => {
  await daemon.stop()
  await engine.close()
  clearInterval(alive)
  process.stdout.write('closed\n')
})
