import { expect, test } from 'vitest'
import { z } from 'zod'
import type { AnyAsset, Engine, RunStore } from '#pipeline'
import { daily, defineAsset, eager, explainAutomation, onMissing, rolling, sqliteStore } from '#pipeline'
import { automationOf } from '../../../pipeline/daemon/automation.ts'
import { storeFacts } from '../../../pipeline/daemon/automation-facts.ts'
import { printSet, size } from '../../../pipeline/plan/partition-set.ts'
import { spaceOf } from '../../../pipeline/plan/space.ts'
import { newId } from '../../../pipeline/run/identity.ts'
import type { Place } from '../run/open-engine.ts'
import { asking, engineOf, make, newPlace, now, until } from '../run/open-engine.ts'

const output = z.strictObject({ n: z.int() })
const date = daily({ since: '2024-01-01' })
const day = 86_400_000

function chain(): readonly AnyAsset[] {
  const source = defineAsset({ name: 'source', partitions: { date }, output, run: () => [{ n: 1 }] })
  const means = defineAsset({
    name: 'means',
    partitions: { date },
    deps: { source },
    output,
    automation: eager(),
    run: () => [{ n: 2 }],
  })
  const trends = defineAsset({
    name: 'trends',
    partitions: { date },
    deps: { means: rolling(means, 'date', { from: -1, to: 0 }) },
    output,
    automation: eager(),
    run: () => [{ n: 3 }],
  })
  return [source, means, trends]
}

async function decided(engine: Engine, at: number) {
  const run = (await automationOf(engine).decide(at))?.runs[0]
  const { state } = (await run?.result) ?? {}
  return run && { sets: run.ask.sets, status: state?.status }
}

const engineAt = (place: Place, at: number, assets = chain()) => engineOf(assets, place, { clock: () => at })

test('what reads an updated partition is made in one run, upstream first, and once', async () => {
  const engine = await engineAt(newPlace(), now)
  await make(engine, { filter: { keys: {} } })
  const automation = automationOf(engine)
  expect(await automation.decide(now)).toBeUndefined()

  const later = now + day
  await make(engine, { assets: ['source'], mode: 'missing', now: later })
  const run = (await automation.decide(later))?.runs[0]
  expect((await run!.result).state.status).toBe('succeeded')
  expect(run!.ask.sets).toEqual({ means: '2024-01-04', trends: '2024-01-04' })
  expect(run!.plan.size).toBe(2)
  expect(await automation.decide(later + 1_000)).toBeUndefined()
  expect(await automation.decide(later + 2_000)).toBeUndefined()
})

test('of two processes that decide from the same cursor one starts a run, and nothing is asked for twice', async () => {
  const place = newPlace()
  const [one, other] = [await engineAt(place, now), await engineAt(place, now)]
  await make(one)
  await decided(one, now)
  await make(one, { assets: ['source'], mode: 'missing', now: now + day })

  const runs = await Promise.all([decided(one, now + day), decided(other, now + day)])
  expect(runs.filter((run) => run !== undefined)).toHaveLength(1)
  expect(await decided(other, now + day + 1_000)).toBeUndefined()
  expect(await decided(one, now + day + 2_000)).toBeUndefined()
})

test('a process that dies over its decision has neither lost nor doubled what it asked for', async () => {
  const engine = await engineAt(newPlace(), now)
  await make(engine)
  await decided(engine, now)
  await make(engine, { assets: ['source'], mode: 'missing', now: now + day })
  const dying: Engine = {
    ...engine,
    store: { ...engine.store, decideTick: () => Promise.reject(new Error('the machine stopped')) },
  }
  await expect(automationOf(dying).decide(now + day)).rejects.toThrow('the machine stopped')
  const asked = async () => (await engine.store.runs(9)).filter(({ ask }) => ask.reason === 'automation').length
  expect(await asked()).toBe(0)

  expect(await decided(engine, now + day + 1_000)).toMatchObject({ status: 'succeeded' })
  for (let later = 2; later < 5; later++) expect(await decided(engine, now + day + later * 1_000)).toBeUndefined()
  expect(await asked()).toBe(1)
})

test('a process that dies as soon as its decision is written leaves a run that is taken up', async () => {
  const engine = await engineAt(newPlace(), now)
  await make(engine)
  await decided(engine, now)
  await make(engine, { assets: ['source'], mode: 'missing', now: now + day })
  const dying: Engine = { ...engine, lead: () => new Promise(() => undefined) }
  void automationOf(dying).decide(now + day)
  await until(async () => (await engine.store.runs(1))[0]!.ask.reason === 'automation')
  const [left] = await engine.store.runs(1)

  expect(await decided(engine, now + day + 1_000)).toBeUndefined()
  expect((await (await engine.lead(left!)).result).state.status).toBe('succeeded')
  for (let later = 2; later < 5; later++) expect(await decided(engine, now + day + later * 1_000)).toBeUndefined()
})

test('a partition that comes to exist is made once what it reads is there, and an explanation says what it waits for', async () => {
  const source = defineAsset({ name: 'source', partitions: { date }, output, run: () => [{ n: 1 }] })
  const means = defineAsset({
    name: 'means',
    partitions: { date },
    deps: { source },
    output,
    automation: onMissing(),
    run: () => [{ n: 2 }],
  })
  const place = newPlace()
  const engine = await engineAt(place, now, [source, means])
  expect(await decided(engine, now)).toBeUndefined()
  expect(await decided(engine, now + day)).toBeUndefined()

  const waiting = (await explainAutomation(engine, now + day)).explain('means')!
  expect(waiting.parts.map(({ set }) => printSet(set))).toEqual(['2024-01-04', '2024-01-04', ''])
  await make(engine, { assets: ['source'], now: now + day })
  expect(await decided(engine, now + day + 1_000)).toEqual({ sets: { means: '2024-01-04' }, status: 'succeeded' })
})

test('a partition that failed is not tried again at once', async () => {
  const [source] = chain()
  const broken = defineAsset({
    name: 'broken',
    partitions: { date },
    deps: { source: source as never },
    output,
    automation: eager(),
    retry: { attempts: 1, backoff: '1s', most: '1s' },
    run: () => {
      throw new Error('no')
    },
  } as never) as AnyAsset
  const engine = await engineAt(newPlace(), now, [source!, broken])
  await decided(engine, now)
  await make(engine, { assets: ['source'] })
  expect((await decided(engine, now + 1_000))?.status).toBe('failed')
  for (let later = 2; later < 5; later++) expect(await decided(engine, now + later * 1_000)).toBeUndefined()
})

test('a process that was overtaken by another looks at what happened meanwhile', async () => {
  const source = defineAsset({ name: 'source', output, automation: onMissing(), run: () => [{ n: 1 }] })
  const engine = await engineOf([source])
  const overtaken = storeFacts(engine)
  await overtaken.read(0)
  await make(engine)
  const { upTo } = await storeFacts(engine).read(0)

  const { facts } = await overtaken.read(upTo)

  expect(size(facts.missing('source', spaceOf({}, { now: new Date(now), keys: {} })))).toBe(0)
})

test('what was updated before the store failed is decided once it answers again', async () => {
  const source = defineAsset({ name: 'source', output, run: () => [{ n: 1 }] })
  const means = defineAsset({ name: 'means', deps: { source }, output, automation: eager(), run: () => [{ n: 1 }] })
  const place = newPlace()
  const inner = sqliteStore(place.file)
  let isFull = false
  const decideTick: RunStore['decideTick'] = (...args) =>
    isFull ? Promise.reject(new Error('the disk is full')) : inner.decideTick(...args)
  const engine = await engineOf([source, means], place, { store: { ...inner, decideTick } })
  await make(engine)
  const automation = automationOf(engine)
  await automation.decide(now)
  await make(engine, { assets: ['source'], mode: 'all' })

  isFull = true
  await expect(automation.decide(now + 1_000)).rejects.toThrow('the disk is full')
  isFull = false

  expect((await automation.decide(now + 2_000))?.runs).toHaveLength(1)
})

test('a run under way is known however many later ones have ended', async () => {
  const source = defineAsset({ name: 'source', output, automation: onMissing(), run: () => [{ n: 1 }] })
  const engine = await engineOf([source])
  const { store } = engine
  const create = async () => {
    const id = newId(now)
    await store.createRun({ id, ask: asking(engine), leader: null, now })
    return id
  }
  await create()
  await Promise.all(Array.from({ length: 1_000 }, async () => store.failRun(await create(), 'no answer', now)))

  const { facts } = await storeFacts(engine).read(0)

  expect(size(facts.inProgress('source', spaceOf({}, { now: new Date(now), keys: {} })))).toBe(1)
})
