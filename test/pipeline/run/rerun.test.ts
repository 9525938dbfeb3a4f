import { expect, test } from 'vitest'
import { z } from 'zod'
import { daily, defineAsset } from '#pipeline'
import { asking, engineOf, gate, make, newPlace } from './open-engine.ts'

const date = daily({ since: '2024-01-01' })
const output = z.strictObject({ n: z.int() })
const retry = { attempts: 1 }
const broken = 'date=2024-01-02'

/** Candles of three days, one of which fails `times` times, and a reader of each. */
function chain(times: number) {
  const calls: string[] = []
  let left = times
  const candles = defineAsset({
    name: 'candles',
    partitions: { date },
    output,
    retry,
    run({ key }) {
      calls.push(`candles ${key}`)
      if (key === broken && left-- > 0) throw new Error('no answer')
      return [{ n: calls.length }]
    },
  })
  const reader = defineAsset({
    name: 'reader',
    partitions: { date },
    deps: { candles },
    output,
    retry,
    run({ key }) {
      calls.push(`reader ${key}`)
      return [{ n: calls.length }]
    },
  })
  return { assets: [candles, reader], calls }
}

test('running again from where it failed makes what failed and what waited for it, and nothing else', async () => {
  const { assets, calls } = chain(1)
  const engine = await engineOf(assets)
  const first = await make(engine, { mode: 'all' })
  expect(first.ends).toEqual({ published: 4, failed: 1, blocked: 1 })
  calls.length = 0

  const again = await engine.rerun(first.id, 'failed')

  expect((await again.result).state.status).toBe('succeeded')
  expect(calls).toEqual([`candles ${broken}`, `reader ${broken}`])
  expect((await engine.store.run(again.id))!.ask).toMatchObject({ rerunOf: first.id, keeps: [first.id] })
})

test('a rerun of a rerun keeps what both made', async () => {
  const { assets, calls } = chain(2)
  const engine = await engineOf(assets)
  const first = await make(engine, { mode: 'all' })
  const second = await engine.rerun(first.id, 'failed')
  await second.result
  calls.length = 0

  const third = await engine.rerun(second.id, 'failed')

  expect((await third.result).state.status).toBe('succeeded')
  expect(calls).toEqual([`candles ${broken}`, `reader ${broken}`])
})

test('running all of it again makes what was fresh too', async () => {
  const { assets, calls } = chain(0)
  const engine = await engineOf(assets)
  const first = await make(engine)
  calls.length = 0

  await (await engine.rerun(first.id, 'all')).result

  expect(calls).toHaveLength(6)
})

test('a run that failed is run again by itself as often as it says, each linked to the one before', async () => {
  const { assets, calls } = chain(2)
  const engine = await engineOf(assets)

  const started = await engine.start(asking(engine, { runRetries: 3 }))
  const last = await started.result

  expect(last.state.status).toBe('succeeded')
  expect(calls.filter((call) => call === `candles ${broken}`)).toHaveLength(3)
  const [second] = await engine.store.rerunsOf(started.id)
  const [third] = await engine.store.rerunsOf(second!.id)
  expect([third!.id, await engine.store.rerunsOf(third!.id)]).toEqual([last.id, []])
  expect([second!.id, third!.id]).toEqual([`${started.id}-2`, `${started.id}-3`])
})

test('the retry of a run that failed is not lost when its process dies at that moment', async () => {
  const { assets, calls } = chain(1)
  const place = newPlace()
  const dying = await engineOf(assets, place)
  // The process is gone between the end of the run and all that would follow.
  const failed = await dying.start(asking(dying, { runRetries: 1 }), {
    onProgress: ({ status }) => void (status === 'failed' && dying.close()),
  })
  await failed.result
  await dying.close()
  calls.length = 0

  const next = await engineOf(assets, place)
  const [retry] = await next.resume()

  expect(retry!.id).toBe(`${failed.id}-2`)
  expect((await retry!.result).state.status).toBe('succeeded')
  expect(calls).toContain(`candles ${broken}`)
  expect(calls).not.toContain('candles date=2024-01-01')
})

test('a run that was canceled is not run again by itself', async () => {
  const isIn = gate()
  const stuck = defineAsset({
    name: 'stuck',
    output,
    run: ({ signal }) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        isIn.open()
      }),
  })
  const engine = await engineOf([stuck])
  const started = await engine.start(asking(engine, { runRetries: 1 }))
  await isIn.passed

  await engine.cancel(started.id)

  expect((await started.result).state.status).toBe('canceled')
  expect(await engine.store.rerunsOf(started.id)).toEqual([])
  await expect(engine.rerun('nosuchrun', 'all')).rejects.toThrow('no run has the id "nosuchrun"')
})

test('a run that this process leads is not led a second time', async () => {
  const { passed, open } = gate()
  let calls = 0
  const slow = defineAsset({
    name: 'slow',
    output,
    async run() {
      calls += 1
      await passed
      return [{ n: 1 }]
    },
  })
  const engine = await engineOf([slow])
  const started = await engine.start(asking(engine))

  const again = await engine.lead((await engine.store.run(started.id))!)

  open()
  expect((await again.result).state.status).toBe('succeeded')
  expect(await again.result).toBe(await started.result)
  expect(calls).toBe(1)
})

test('only a run that is over can be run again', async () => {
  const { passed, open } = gate()
  const slow = defineAsset({
    name: 'slow',
    output,
    async run() {
      await passed
      return [{ n: 1 }]
    },
  })
  const engine = await engineOf([slow])
  const { id, result } = await engine.start(asking(engine))

  await expect(engine.rerun(id, 'failed')).rejects.toThrow(/only a run that is over can be run again/)
  open()
  await result
})
