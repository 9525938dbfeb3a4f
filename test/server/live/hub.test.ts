import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { AnyAsset, RunStore } from '#pipeline'
import { daily, defineAsset, definitions, openEngine, provide, sqliteStore } from '#pipeline'
import { Change } from '../../../server/contract/overview.ts'
import { openLiveHub } from '../../../server/live/hub.ts'
import { asking, engineOf, gate, newPlace } from '../../pipeline/run/open-engine.ts'

const noon = Date.parse('2024-01-04T12:00:00Z')
const output = z.strictObject({ n: z.int() })
const date = daily({ since: '2024-01-01' })

function prices(until: Promise<void> = Promise.resolve(), started = () => {}) {
  return defineAsset({
    ...{ name: 'prices', partitions: { date }, output },
    async run() {
      started()
      await until
      return [{ n: 1 }]
    },
  })
}

/** A hub on a store of its own engine, which counts what it reads. */
async function hubOn(
  place: ReturnType<typeof newPlace>,
  assets: readonly AnyAsset[],
  onTrouble?: (error: unknown) => void,
) {
  const reads = { count: 0, isAway: false }
  const store = new Proxy(sqliteStore(place.file), {
    get(target, name: keyof RunStore) {
      const method = target[name] as (...args: unknown[]) => unknown
      return (...args: unknown[]) => {
        if (name === 'watchRuns') reads.count++
        if (reads.isAway && name === 'watchRuns') return Promise.reject(new Error('the store is away'))
        return method.apply(target, args)
      }
    },
  })
  const engine = await openEngine({
    definitions: definitions({ assets: assets as never, resources: {}, io: provide(() => place.io) }),
    ...{ store, concurrency: 1, clock: () => noon },
  })
  onTestFinished(() => engine.close())
  const hub = openLiveHub({ engine }, onTrouble)
  onTestFinished(() => hub.close())
  const listen = () => {
    const changes: Change[] = []
    const end = hub.subscribe((change) => void changes.push(Change.parse(JSON.parse(JSON.stringify(change)))))
    return {
      changes,
      end,
      runs: () => changes.flatMap(({ runs }) => runs),
      pulses: () => changes.flatMap((one) => one.assets),
    }
  }
  return { hub, engine, reads, listen }
}

test('who comes is told how all is, and then the life of a run of another process', async () => {
  const place = newPlace()
  const [held, started] = [gate(), gate()]
  const asset = prices(held.passed, started.open)
  const { listen } = await hubOn(place, [asset])
  const other = await engineOf([asset], place, { clock: () => noon })
  const { changes, runs, pulses } = listen()
  await expect.poll(() => changes).toHaveLength(1)
  expect(changes[0]).toMatchObject({ assets: [{ asset: 'prices', health: 'unmade' }], runs: [], workers: true })

  const { id, result } = await other.start(asking(other, { now: noon }))
  await started.passed
  await expect.poll(runs).toContainEqual(expect.objectContaining({ run: id, status: 'running' }))
  await expect.poll(pulses).toContainEqual(expect.objectContaining({ health: 'running' }))
  held.open()
  await result

  await expect.poll(runs).toContainEqual(expect.objectContaining({ run: id, status: 'succeeded' }))
  await expect.poll(() => pulses().at(-1)).toMatchObject({ health: 'healthy', partitions: { published: 3 } })
  const last = changes.at(-1)!
  expect(last.event).toBe(await other.store.newestEvent())
  expect(runs().findLast(({ run }) => run === id)).toMatchObject({ lastEvent: last.event, counts: { published: 3 } })
})

test('what happens between coming and the first look is not missed, nor a run that ended just before', async () => {
  const place = newPlace()
  const asset = prices()
  const { listen } = await hubOn(place, [asset])
  const other = await engineOf([asset], place, { clock: () => noon })
  const { id, result } = await other.start(asking(other, { now: noon }))
  await result
  const first = listen()
  const again = await other.start(asking(other, { now: noon, mode: 'all' }))
  await again.result

  await expect
    .poll(() =>
      first
        .runs()
        .filter(({ status }) => status === 'succeeded')
        .map(({ run }) => run),
    )
    .toEqual(expect.arrayContaining([id, again.id]))
  const second = listen()
  await expect.poll(() => second.changes.length).toBeGreaterThan(0)
  expect(second.changes[0]!.runs.map(({ run }) => run)).toEqual([again.id, id])
  expect(second.changes[0]!.assets).toMatchObject([{ asset: 'prices', health: 'healthy' }])
})

test('fifty who listen cost as many looks as one, and nobody costs none', async () => {
  const { reads, listen } = await hubOn(newPlace(), [prices()])
  const looks = async (listeners: number) => {
    const all = Array.from({ length: listeners }, listen)
    const before = reads.count
    const startedAt = performance.now()
    await expect.poll(() => performance.now() - startedAt, { timeout: 5_000 }).toBeGreaterThan(2_000)
    for (const { changes } of all) expect(changes.length).toBeGreaterThan(0)
    const count = reads.count - before
    for (const { end } of all) end()
    return count
  }

  const many = await looks(50)
  expect(many).toBeLessThan(16)
  expect(many).toBeGreaterThan(2)
  const after = reads.count
  const quietSince = performance.now()
  await expect.poll(() => performance.now() - quietSince, { timeout: 3_000 }).toBeGreaterThan(1_500)
  expect(reads.count - after).toBeLessThanOrEqual(1)
})

test('a store that was away is told of once, and what happened meanwhile after', async () => {
  const place = newPlace()
  const troubles: unknown[] = []
  const asset = prices()
  const { reads, listen } = await hubOn(place, [asset], (error) => troubles.push(error))
  const other = await engineOf([asset], place, { clock: () => noon })
  const { changes, pulses } = listen()
  await expect.poll(() => changes.length).toBeGreaterThan(0)

  reads.isAway = true
  const before = reads.count
  await (await other.start(asking(other, { now: noon }))).result
  await expect.poll(() => reads.count - before, { timeout: 5_000 }).toBeGreaterThan(2)
  expect(troubles).toHaveLength(1)
  reads.isAway = false

  await expect.poll(() => pulses().at(-1), { timeout: 5_000 }).toMatchObject({ health: 'healthy' })
  expect(troubles).toHaveLength(1)
})

test('a schedule that is switched, and a worker that comes, are told of', async () => {
  const place = newPlace()
  const asset = prices()
  const { listen, engine } = await hubOn(place, [asset])
  const { changes } = listen()
  await expect.poll(() => changes.length).toBeGreaterThan(0)

  await engine.store.setAutomation('nightly', false, true, noon)
  await engineOf([asset], place, { clock: () => noon })

  await expect.poll(() => changes.flatMap(({ automations }) => automations), { timeout: 5_000 }).toContain('nightly')
  await expect.poll(() => changes.slice(1).some(({ workers }) => workers), { timeout: 5_000 }).toBe(true)
})

test('a listener that throws keeps nobody else from hearing', async () => {
  const troubles: unknown[] = []
  const { hub, listen } = await hubOn(newPlace(), [prices()], (error) => troubles.push(error))
  hub.subscribe(() => {
    throw new Error('gone')
  })

  const { changes } = listen()

  await expect.poll(() => changes.length).toBeGreaterThan(0)
  expect(troubles).toEqual([new Error('gone')])
})
