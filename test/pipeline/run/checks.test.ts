import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Check } from '#pipeline'
import { defineAsset, holds, stepsOf, unique, warning } from '#pipeline'
import { engineOf, make, newPlace, rowsOf } from './open-engine.ts'

const output = z.strictObject({ n: z.int() })
type Row = z.output<typeof output>

const candles = (rows: () => readonly Row[], checks: Readonly<Record<string, Check<Row>>>) =>
  defineAsset({ name: 'candles', output, run: rows, checks, retry: { attempts: 3, backoff: '1ms', most: '1ms' } })

const positive: Check<Row> = (table) => holds(table, ({ n }) => n > 0)

test('a check that fails keeps the version before, and sets the refused file aside', async () => {
  let rows = [{ n: 1 }]
  const asset = candles(() => rows, { positive })
  const engine = await engineOf([asset])
  await make(engine)
  rows = [{ n: -1 }]

  const made = await make(engine, { mode: 'all' })

  expect(made).toMatchObject({ status: 'failed', ends: { rejected: 1 } })
  expect(made.failures.candles).toBe('check "positive": broken by {"n":-1}')
  expect(await rowsOf(engine, asset)).toEqual([{ n: 1 }])
  const [refused] = await engine.store.history('candles', '' as never)
  expect(refused).toMatchObject({ status: 'rejected', path: expect.stringContaining('.rejected') })
})

test('what was rejected is made again by the next run', async () => {
  let rows = [{ n: -1 }]
  const engine = await engineOf([candles(() => rows, { positive })])
  await make(engine)
  rows = [{ n: 1 }]

  const made = await make(engine)

  expect([...stepsOf(made.plan)][0]!.why).toBe('rejected before')
  expect(made.ends).toEqual({ published: 1 })
})

test('a warning is written down and stops nothing', async () => {
  const rows = [{ n: 1 }, { n: 1 }]
  const engine = await engineOf([candles(() => rows, { 'one row a number': (table) => warning(unique(table, 'n')) })])

  expect(await make(engine)).toMatchObject({ status: 'succeeded', ends: { published: 1 } })

  const [current] = await engine.store.current('candles')
  expect(current!.checks).toEqual([
    { name: 'one row a number', passed: false, blocking: false, why: '1 row breaks uniqueness of n' },
  ])
})

test('a check that throws fails the step and leaves no file behind', async () => {
  const place = newPlace()
  const broken: Check<Row> = () => {
    throw new TypeError('the check itself is wrong')
  }
  const engine = await engineOf([candles(() => [{ n: 1 }], { broken })], place)

  const made = await make(engine)

  expect(made.failures.candles).toBe('the check itself is wrong')
  expect(await Array.fromAsync(place.io.scan())).toEqual([])
})
