import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineAsset, defineJob, defineSchedule, materialize, scheduledAsk } from '#pipeline'
import { asking, engineOf, make, rowsOf } from './open-engine.ts'

const output = z.object({ n: z.number() })

const depth = defineAsset({
  name: 'depth',
  output,
  params: z.object({ levels: z.int().min(1).default(20), label: z.string().optional() }),
  run: ({ params }) => [{ n: params.levels }],
})
const plain = defineAsset({ name: 'plain', output, run: () => [{ n: 1 }] })

describe('parameters of a run', () => {
  test('reach the asset, and their defaults where nothing was given', async () => {
    const engine = await engineOf([depth, plain])

    await make(engine)
    expect(await rowsOf(engine, depth)).toEqual([{ n: 20 }])
    await make(engine, { mode: 'all', params: { depth: { levels: 5 } } })
    expect(await rowsOf(engine, depth)).toEqual([{ n: 5 }])

    const [newest, first] = await engine.store.history('depth', '' as never)
    expect([newest!.metadata, first!.metadata]).toEqual([{ params: { levels: 5 } }, {}])
  })

  test.each([
    [
      { depth: { levels: 0 } },
      'asset "depth" does not take these parameters: "levels": Too small: expected number to be >=1',
    ],
    [
      { depth: { level: 3 } },
      'asset "depth" does not take these parameters: "level" is none of them (levels, label); did you mean "levels"?',
    ],
    [{ plain: { n: 1 } }, 'parameters were given for asset "plain", but it declares none; give it "params"'],
    [
      { depht: { levels: 1 } },
      'parameters were given for asset "depht", but it is not selected; did you mean "depth"?',
    ],
  ])('are refused before anything runs: %j', async (params, message) => {
    const engine = await engineOf([depth, plain])

    await expect(engine.start(asking(engine, { params }))).rejects.toThrow(message)
    expect(await engine.store.runs(10)).toEqual([])
  })

  test('stay with a run that is run again', async () => {
    const engine = await engineOf([depth])
    const { id } = await make(engine, { params: { depth: { levels: 7 } } })

    await (await engine.rerun(id, 'all')).result

    expect(await rowsOf(engine, depth)).toEqual([{ n: 7 }])
  })

  test('are given to a single asset in a test', async () => {
    expect((await materialize(depth, { params: { levels: 3 } })).rows).toEqual([{ n: 3 }])
    await expect(materialize(depth, { params: { levels: 0.5 } })).rejects.toThrow('"levels"')
  })
})

describe('parameters of a job', () => {
  const job = defineJob({ name: 'books', assets: [depth, plain], params: { depth: { levels: 10, label: 'job' } } })

  test('are those of its runs, unless its schedule says otherwise', () => {
    const schedule = defineSchedule({ name: 'hourly', job, cron: '0 * * * *', params: { depth: { levels: 50 } } })

    expect(scheduledAsk(schedule, 0)?.params).toEqual({ depth: { levels: 50, label: 'job' } })
  })

  test('are refused when the job is declared', () => {
    const declare = (levels: number) => defineJob({ name: 'books', assets: [depth], params: { depth: { levels } } })

    expect(() => declare(-1)).toThrow('"levels": Too small')
    // @ts-expect-error a parameter that the asset does not have
    expect(() => defineJob({ name: 'books', assets: [depth], params: { depth: { level: 1 } } })).toThrow('"level"')
  })
})
