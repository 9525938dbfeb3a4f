/**
 * A machine of a deployment: `node machine-process.ts HOW`. A worker and a daemon stay until they are sent SIGTERM, a
 * command asks for all that is missing and waits for it.
 */
import { bullmqWake, startDaemon } from '#pipeline'
import type { MachineHow } from './machine.ts'
import { openMachine } from './machine.ts'
import { everything } from './shared-place.ts'

const how = JSON.parse(process.argv[2]!) as MachineHow
const say = (text: string) => void process.stdout.write(`${text}\n`)
const told = new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()))
// Its timers do not hold a process whose work is done.
const alive = setInterval(() => undefined, 60_000)
const { engine, stages } = await openMachine(how, (message) => say(`trouble: ${message}`))
const here = () => say(`${how.role} ${engine.worker}`)
if (how.role === 'worker') {
  here()
  await told
} else if (how.role === 'daemon') {
  const wake = await bullmqWake({ ...how.queue, everyMs: 200 })
  here()
  const daemon = startDaemon(stages.wrap(engine), {
    ...{ everyMs: 200, wake },
    onTick: ({ definition, status, note }) => say(`tick ${definition} ${status} ${note ?? ''}`),
  })
  await told
  await daemon.stop()
  await wake.close()
} else {
  here()
  const run = await engine.start(everything('needed'))
  say(`run ${run.id} began`)
  const { state, failures } = await run.result
  for (const { asset, key, error } of failures) say(`failed ${asset} ${key}: ${error}`)
  say(`run ${run.id} ${state.status}`)
}
await engine.close()
clearInterval(alive)
say('closed')
