/** A process that works on the same partitions as others: `node postgres-process.ts URL SCHEMA NAME`. */

import type { PartitionKey } from '#pipeline'
import { postgresStore } from '#pipeline'

export interface ProcessReport {
  readonly grants: readonly {
    readonly key: string
    readonly token: number
    readonly id: string
    readonly isPublished: boolean
  }[]
  /** Runs that this process ended. */
  readonly ended: readonly string[]
}

const [url, schema, name] = process.argv.slice(2) as [string, string, string]
const store = await postgresStore({ url, schema })
const grants: ProcessReport['grants'][number][] = []
const ended: string[] = []
const ask = { assets: ['candles'], filter: { keys: {} }, mode: 'needed', now: 0, reason: 'test' } as const
const none = {
  planned: {},
  published: {},
  unchanged: {},
  skipped: {},
  rejected: {},
  failed: {},
  blocked: {},
  canceled: {},
}
// Leases run out after some claims of anyone: time is what the keys were claimed, not what a clock says.
let now = 0

async function lane(number: number): Promise<void> {
  const run = `${name}-${number}`
  await store.createRun({ id: run, ask, leader: name, now })
  for (let round = 0; round < 40; round++) {
    now += 1
    const key = `n=${(number * 7 + round * 13) % 20}` as PartitionKey
    const [held] = await store.claim({ run, worker: name, asset: 'candles', keys: [key], now, leaseMs: 20, inputs: [] })
    if (held!.token === undefined) continue
    const id = `${run}-${round}`
    const lease = { asset: 'candles', key, token: held!.token }
    await store.log(run, 'candles', key, [{ level: 'info', at: now, message: id }], now)
    if (round % 4 === 0) {
      await store.settle(lease, run, { type: 'skipped', why: 'every fourth' }, now)
      grants.push({ key, token: held!.token, id, isPublished: false })
      continue
    }
    const isPublished = await store.publish(lease, {
      ...{ id, asset: 'candles', key, run, path: id, rows: 1, bytes: 1, version: id },
      ...{ codeVersion: '1', inputs: {}, checks: [], metadata: {}, at: now },
    })
    grants.push({ key, token: held!.token, id, isPublished })
  }
  await store.progress(run, name, 'succeeded', none, now)
  ended.push(run)
}

await Promise.all(Array.from({ length: 12 }, (_, number) => lane(number)))
await store.close()
process.send!({ grants, ended } satisfies ProcessReport)
process.disconnect()
