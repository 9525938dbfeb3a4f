import { z } from 'zod'
import type { Definitions, Queue, RunStore } from '#pipeline'
import { bullmqQueue, defineAsset, definitions, hourly, memoryIo, provide } from '#pipeline'

/** What all processes of the bench are told. */
export interface Settings {
  readonly redis: string
  readonly postgres: string
  /** Partitions of the asset. */
  readonly count: number
  readonly isChunked: boolean
  /** Whether workers tell when the author's function was called. */
  readonly tellStarts: boolean
}

export const rawQueue = 'raw'
/** The same for raw BullMQ and ours. */
export const concurrency = 50
export const now = Date.parse('2026-01-01')
export const ask = { assets: ['empty'], filter: { keys: {} }, mode: 'all', now, reason: 'bench' } as const

/** An asset of as many empty partitions. No rows are moved: what is measured is the way of a step, not what it carries. */
export function steps(count: number, onStart: (key: string) => void): Definitions {
  const hour = hourly({ since: new Date(now - count * 3_600_000).toISOString().slice(0, 13) })
  const empty = defineAsset({
    ...{ name: 'empty', partitions: { hour }, output: z.strictObject({ n: z.int() }) },
    run: ({ key }) => {
      onStart(key)
      return []
    },
  })
  const version = '4f53cda18c2baa0c0354bb5f9a3ecbe5'
  const stage = async () => ({ path: '', rows: 0, bytes: 2, version })
  return definitions({ assets: [empty], resources: {}, io: provide(() => ({ ...memoryIo(), stage })) })
}

export const openQueue = (
  { redis, isChunked, count }: Settings,
  store: RunStore,
  clock: () => number,
  isWorker: boolean,
): Promise<Queue> =>
  bullmqQueue({
    ...{ url: redis, prefix: `bench-${count}-${isChunked}`, pools: {}, concurrency, clock, chunks: isChunked },
    ...(!isWorker && { workPools: [] }),
    code: new Map([['empty', '1']]),
    askOf: async (run) => (await store.run(run))?.ask,
    onTrouble: (message) => process.stderr.write(`${message}\n`),
  })

/** What this process has used so far: memory at its highest, and processor time. */
export function used(): { readonly peakMb: number; readonly cpuMs: number } {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  return { peakMb: maxRSS / 1_024, cpuMs: (userCPUTime + systemCPUTime) / 1_000 }
}
