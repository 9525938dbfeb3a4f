/** Assets for tests of isolated steps: the same in the engine of a test and in the processes that it starts. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { IoManager, Provider } from '#pipeline'
import { daily, defineAsset, definitions, every, keyed, meta, provide, resource, sql } from '#pipeline'
import { lake } from '../../../resources/lake/open-lake.ts'

export const misdeeds = [
  'exit',
  'segfault',
  'heap',
  'buffers',
  'loop',
  'reject',
  'wait',
  'children',
  'talk',
  'babble',
  'none',
] as const
export type Misdeed = (typeof misdeeds)[number]

/** `isolate` says whether they ask for it; `folder` holds their lake and what they leave behind for a test to find. */
export function isolatedAssets(folder: string, isolate: boolean, codeVersion = '1') {
  const date = daily({ since: '2024-01-01' })
  const market = keyed(['A', 'B', 'C'])
  const prices = resource<{ of(market: string): Promise<number> }>()
  const N = z.strictObject({ n: z.number() })
  const once3 = { retry: { attempts: 1 }, output: N, isolate } as const
  const leave = (name: string, text: string) => writeFileSync(join(folder, name), text)

  const quotes = defineAsset({
    name: 'quotes',
    ...{ partitions: { date, market }, resources: { prices }, isolate },
    params: z.object({ times: z.int().default(1) }),
    output: z.strictObject({ at: z.int().meta({ column: 'timestamp' }), market: z.string(), price: z.number() }),
    key: ['at'],
    async *run({ partition, params, resources, metadata, log, key, now }) {
      metadata({ source: meta.url('https://example.org'), now: now.toISOString() })
      log.info('asked', { key, odd: 3n })
      for (let hour = 0; hour < 24; hour++) {
        const at = partition.date.start.getTime() + hour * 3_600_000
        yield {
          at,
          market: partition.market,
          price: (await resources.prices.of(partition.market)) * params.times + hour,
        }
      }
    },
    checks: { 'prices are positive': (rows) => every(rows, sql`price > 0`) },
  })
  const mean = defineAsset({
    name: 'mean',
    ...{ partitions: { date, market }, deps: { quotes }, isolate, codeVersion },
    output: z.strictObject({ mean: z.number() }),
    run: ({ inputs }) => sql`select avg(price) as mean from ${inputs.quotes}`,
  })
  const sum = defineAsset({
    name: 'sum',
    ...{ partitions: { date, market }, deps: { mean }, previous: 'date', isolate },
    output: N,
    async run({ inputs, previous, published, version }) {
      const [[before], [own], last] = [
        await previous.toArray(),
        await inputs.mean.toArray(),
        await published?.toArray(),
      ]
      const n = (before?.n ?? 0) + (own?.mean ?? 0)
      version(`sum-${n}-after-${last?.[0]?.n ?? 'none'}`)
      return [{ n }]
    },
  })
  const spans = defineAsset({
    name: 'spans',
    ...{ partitions: { date, market }, deps: { quotes }, range: 'date', isolate, retry: { attempts: 1 } },
    params: z.object({ breakAt: z.string().optional() }),
    output: N,
    async *run({ partitions, inputs, params, published }) {
      const all = await inputs.quotes.toArray()
      for (const partition of partitions) {
        if (partition.date.start.toISOString().startsWith(params.breakAt ?? 'never')) process.exit(4)
        const n = all.filter(
          ({ at }) => at >= partition.date.start.getTime() && at < partition.date.end.getTime(),
        ).length
        yield { partition, rows: [{ n }], metadata: { again: published(partition) !== undefined }, version: `v${n}` }
      }
    },
  })
  const misfit = defineAsset({
    ...{ name: 'misfit', ...once3, isolate: isolate && { memoryMb: 256 }, timeout: '30s' },
    params: z.object({ misdeed: z.enum(misdeeds) }),
    async run({ params, signal, log }) {
      leave('pid', String(process.pid))
      log.info('about to')
      switch (params.misdeed) {
        case 'exit':
          console.error('I have had enough')
          return process.exit(3)
        case 'segfault':
          process.kill(process.pid, 'SIGSEGV')
          return sleep(60_000, [])
        case 'heap': {
          const held: unknown[] = []
          for (;;) held.push({ n: held.length })
        }
        case 'buffers':
          for (const held: Buffer[] = []; ; await sleep(5)) held.push(Buffer.alloc(4 * 2 ** 20, 1))
        case 'loop':
          for (;;);
        case 'reject':
          void Promise.reject(new Error('nobody waits for this'))
          return sleep(60_000, [])
        case 'wait':
          return sleep(60_000, [], { signal })
        case 'children': {
          const child = spawn('sleep', ['60'], { stdio: 'inherit' })
          await once(child, 'spawn')
          leave('grandchild', String(child.pid))
          return [{ n: 1 }]
        }
        case 'talk':
          console.log('to the output')
          console.error('to the error output')
          process.stdout.write('unfinished')
          return [{ n: 1 }]
        case 'none':
          return [{ n: 1 }]
        case 'babble':
          for (let n = 0; n < 10_100; n++) log.debug(`line ${n}`)
          return [{ n: 1 }]
        default:
          return params.misdeed satisfies never
      }
    },
  })
  const slow = defineAsset({
    ...{ name: 'slow', ...once3, timeout: '1s' },
    run(): never {
      for (;;);
    },
  })
  const frail = defineAsset({
    ...{ name: 'frail', output: N, isolate, retry: { attempts: 2, backoff: '1ms' } },
    run() {
      if (existsSync(join(folder, 'tried'))) return [{ n: 1 }]
      leave('tried', '')
      return process.exit(1)
    },
  })
  class Busy extends Error {
    override readonly name = 'Busy'
    readonly code = 'busy'
    readonly retryAfterMs = 7
  }
  const flaky = defineAsset({
    ...{ name: 'flaky', output: N, isolate },
    retry: { attempts: 2, backoff: '1ms', on: [Busy] },
    run() {
      throw new Busy('come again', { cause: new TypeError('of this kind') })
    },
  })
  const broken = defineAsset({
    ...{ name: 'broken', ...once3, retry: { attempts: 3 } },
    run: () => [{ n: 'one' as never }],
  })
  const small = defineAsset({
    ...{ name: 'small', partitions: { at: keyed(Array.from({ length: 50 }, (_, n) => `p${n}`)) }, ...once3 },
    run: ({ partition }) => [{ n: Number(partition.at.slice(1)) }],
  })
  const odd = resource<never>()
  const unopened = defineAsset({ ...{ name: 'unopened', ...once3, resources: { odd } }, run: () => [] })
  const assets = { quotes, mean, sum, spans, misfit, slow, frail, flaky, broken, small, unopened }
  return {
    ...assets,
    all: (io: Provider<IoManager> = lake({ url: join(folder, 'lake') })) =>
      definitions({
        assets: Object.values(assets),
        io,
        resources: {
          prices: provide(() => ({ of: async (of: string) => of.charCodeAt(0) })),
          odd: provide(() => {
            throw new Error('no such server')
          }),
        },
      }),
  }
}
