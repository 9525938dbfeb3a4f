/** One of the processes of a deployment: an engine over a store and a queue that it shares with others. */
import { join } from 'node:path'
import type { Engine } from '#pipeline'
import { bullmqQueue, isFinal, openEngine } from '#pipeline'
import { marketDefinitions } from './market.ts'
import type { SharedPlace } from './shared-place.ts'
import { openStore } from './shared-place.ts'
import type { Stages, StopAt } from './stop-at.ts'
import { stagesOf } from './stop-at.ts'

export interface MachineHow extends SharedPlace {
  readonly role: 'worker' | 'daemon' | 'command'
  readonly stop?: StopAt
  readonly leaseMs?: number
  /** Whether a step may have a process of its own. */
  readonly isIsolating?: boolean
}

export interface Machine {
  readonly engine: Engine
  readonly stages: Stages
}

/** How soon a process that says nothing any more has lost what it held. */
export const usualLeaseMs = 2_000

export async function openMachine(
  how: MachineHow,
  onTrouble: (message: string) => void = () => undefined,
): Promise<Machine> {
  const { role, queue } = how
  const stages = stagesOf(how.stop)
  const definitions = marketDefinitions(how, stages, { schedules: true, sensors: true })
  const code = Object.fromEntries([...definitions.assets.values()].map((asset) => [asset.name, asset.codeVersion]))
  const store = stages.wrap(await openStore(how))
  const [pools, concurrency] = role === 'worker' ? [[''], 2] : [[], 0]
  const program = { module: join(import.meta.dirname, 'step-program.ts'), args: [JSON.stringify(how)], graceMs: 500 }
  const engine = await openEngine({
    ...{ definitions, store, concurrency: 2, leaseMs: how.leaseMs ?? usualLeaseMs, works: role === 'worker' },
    about: { role, version: 'test', code, pools, concurrency },
    queue: (clock) =>
      bullmqQueue({
        ...{ ...queue, pools: {}, concurrency: 2, code: new Map(Object.entries(code)), clock, onTrouble },
        ...{ graceMs: 2_000, lockMs: 1_500, stalledMs: 1_000, checkMs: 500 },
        async askOf(run) {
          const row = await store.run(run)
          return row && !isFinal[row.status] ? row.ask : undefined
        },
      }),
    isolation: how.isIsolating ? program : undefined,
  })
  return { engine, stages }
}
