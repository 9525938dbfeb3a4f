import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Check } from '#pipeline'
import { acceptedValues, defineAsset, inRange, materialize, notNull, rowCount } from '#pipeline'
import { openLake } from './open-lake.ts'

const Row = z.strictObject({ side: z.string().nullable(), price: z.number().nullable() })
type Row = z.output<typeof Row>

async function answered(check: Check<Row>, rows: readonly Row[]) {
  const asset = defineAsset({ name: 'quotes', output: Row, checks: { it: check }, run: () => rows })
  return (await materialize(asset, { io: openLake() })).checks.it
}

const good = [
  { side: 'bid', price: 1 },
  { side: 'ask', price: 2 },
]
const passed = { passed: true }

test.each<[string, Check<Row>, readonly Row[], unknown]>([
  ['no null', (rows) => notNull(rows, 'side', 'price'), good, passed],
  [
    'a null in one of two columns',
    (rows) => notNull(rows, 'side', 'price'),
    [...good, { side: null, price: 1 }],
    '1 row breaks it',
  ],
  ['no rows', (rows) => notNull(rows, 'side'), [], passed],
  ['prices between both ends', (rows) => inRange(rows, 'price', { min: 1, max: 2 }), good, passed],
  ['a price above the end', (rows) => inRange(rows, 'price', { max: 1.5 }), good, '1 row breaks it'],
  ['prices below the start', (rows) => inRange(rows, 'price', { min: 3 }), good, '2 rows break it'],
  [
    'a null is no price out of range',
    (rows) => inRange(rows, 'price', { min: 1 }),
    [{ side: 'bid', price: null }],
    passed,
  ],
  ['sides that are known', (rows) => acceptedValues(rows, 'side', ['bid', 'ask']), good, passed],
  ['a side that is not', (rows) => acceptedValues(rows, 'side', ['bid']), good, '1 row breaks it'],
  ['rows enough', (rows) => rowCount(rows, { min: 2 }), good, passed],
  ['rows too few', (rows) => rowCount(rows, { min: 3 }), good, 'expected at least 3 rows, got 2'],
  ['rows too many', (rows) => rowCount(rows, { max: 1 }), good, 'expected 0 to 1 rows, got 2'],
])('%s', async (_, check, rows, expected) => {
  expect(await answered(check, rows)).toMatchObject(
    typeof expected === 'string' ? { passed: false, why: expected } : passed,
  )
})

test('a check that says nothing is refused', async () => {
  await expect(answered((rows) => inRange(rows, 'price', {}), good)).rejects.toThrow('expected a min, a max or both')
  await expect(answered((rows) => acceptedValues(rows, 'side', []), good)).rejects.toThrow('at least one value')
})
