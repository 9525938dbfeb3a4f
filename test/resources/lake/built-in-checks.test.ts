import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { AnyAsset, Check, CheckResult, IoManager } from '#pipeline'
import {
  acceptedValues,
  daily,
  defineAsset,
  every,
  holds,
  inRange,
  materialize,
  noRows,
  notBlocking,
  notNull,
  recent,
  related,
  rowCount,
  rowCountChange,
  schemaUnchanged,
  sql,
  unique,
  warning,
} from '#pipeline'
import { storageAt } from '../../../resources/storage/storage-at.ts'
import type { Azurite } from '../../servers/azurite.ts'
import { azurite } from '../../servers/azurite.ts'
import { openFarLake, openLake } from './open-lake.ts'

const Quote = z.strictObject({
  at: z.int().meta({ column: 'timestamp' }),
  side: z.string().nullable(),
  price: z.number().nullable(),
})
type Quote = z.output<typeof Quote>
const Side = z.strictObject({ name: z.string() })

const noon = Date.parse('2024-01-01T12:00:00Z')
const date = daily({ since: '2024-01-01' })
const sides = defineAsset({ name: 'sides', partitions: { date }, output: Side, run: () => [] })

type QuoteCheck = Check<Quote, { sides: Parameters<typeof related<Quote, z.output<typeof Side>>>[2] }>

async function answered(
  check: QuoteCheck,
  rows: readonly Quote[],
  { io, published }: { readonly io?: IoManager | undefined; readonly published?: readonly Quote[] } = {},
): Promise<CheckResult> {
  const quotes = defineAsset({
    name: 'quotes',
    partitions: { date },
    deps: { sides },
    output: Quote,
    checks: { it: check },
    run: () => rows,
  })
  const { checks } = await materialize(quotes, {
    partition: { date: date.at(0) },
    inputs: { sides: [{ name: 'bid' }, { name: 'ask' }] },
    now: new Date('2024-01-02T00:30:00Z'),
    ...(io && { io }),
    ...(published && { published }),
  })
  return checks.it!
}

const good: readonly Quote[] = [
  { at: noon, side: 'bid', price: 1 },
  { at: noon + 1, side: 'ask', price: 2 },
]
const odd: Quote = { at: noon + 2, side: null, price: null }
const sampled = (columns: readonly string[], ...rows: unknown[][]) => ({ '@type': 'table', columns, rows, omitted: 0 })
const columns = ['at', 'side', 'price']

interface Case {
  readonly check: QuoteCheck
  readonly rows: readonly Quote[]
  readonly published?: readonly Quote[]
  readonly why?: string
  /** Said of one that passes. */
  readonly note?: string
  readonly sample?: unknown
  /** Only an engine of SQL can tell. */
  readonly isSql?: true
}

const cases: Readonly<Record<string, Case>> = {
  'no null': { check: (rows) => notNull(rows, 'side', 'price'), rows: good },
  'no null in no rows': { check: (rows) => notNull(rows, 'side'), rows: [] },
  'a null in one of two columns': {
    check: (rows) => notNull(rows, 'at', 'side'),
    rows: [...good, odd],
    why: '1 row breaks it',
    sample: sampled(columns, [noon + 2, null, null]),
  },
  'prices between both ends': { check: (rows) => inRange(rows, 'price', { min: 1, max: 2 }), rows: good },
  'a price above the end': {
    check: (rows) => inRange(rows, 'price', { max: 1.5 }),
    rows: good,
    why: '1 row breaks it',
    sample: sampled(columns, [noon + 1, 'ask', 2]),
  },
  'prices below the start': { check: (rows) => inRange(rows, 'price', { min: 3 }), rows: good, why: '2 rows break it' },
  'a null is no price out of range': { check: (rows) => inRange(rows, 'price', { min: 1 }), rows: [odd] },
  'sides that are known': { check: (rows) => acceptedValues(rows, 'side', ['bid', 'ask']), rows: [...good, odd] },
  'a side that is not': {
    check: (rows) => acceptedValues(rows, 'side', ['bid']),
    rows: good,
    why: '1 row breaks it',
    sample: sampled(columns, [noon + 1, 'ask', 2]),
  },
  'values that tell rows apart': { check: (rows) => unique(rows, 'at', 'side'), rows: good },
  'two rows of one key': {
    check: (rows) => unique(rows, 'side'),
    rows: [...good, ...good.slice(0, 1), ...good.slice(0, 1)],
    why: '2 rows break uniqueness of side',
    sample: sampled(['side', 'rows'], ['bid', 3]),
  },
  'values that another table has': {
    check: (rows, { inputs }) => related(rows, 'side', inputs.sides, 'name'),
    rows: [...good, odd],
  },
  'a value that it does not have': {
    check: (rows, { inputs }) => related(rows, 'side', inputs.sides, 'name'),
    rows: [...good, { ...odd, side: 'mid' }],
    why: '1 row has a value of "side" that "name" does not have',
    sample: sampled(columns, [noon + 2, 'mid', null]),
  },
  'no values, alone in their scan': {
    check: (rows, { inputs }) => related(rows, 'side', inputs.sides, 'name'),
    rows: [],
  },
  'rows enough': { check: (rows) => rowCount(rows, { min: 2 }), rows: good },
  'rows too few': { check: (rows) => rowCount(rows, { min: 3 }), rows: good, why: 'expected at least 3 rows, got 2' },
  'rows too many': { check: (rows) => rowCount(rows, { max: 1 }), rows: good, why: 'expected 0 to 1 rows, got 2' },
  'as many rows as before': {
    check: (rows, { published }) => rowCountChange(rows, published, { atMost: 0 }),
    rows: good,
    published: good,
  },
  'half of the rows gone': {
    check: (rows, { published }) => rowCountChange(rows, published, { atMost: 0.4 }),
    rows: good.slice(1),
    published: good,
    why: 'expected a change of at most 40 %, got 50 %: 1 rows after 2',
  },
  'rows after none': {
    check: (rows, { published }) => rowCountChange(rows, published, { atMost: 0.1 }),
    rows: good,
    published: [],
    note: 'the version before has no rows',
  },
  'the columns of before': {
    check: (rows, { published }) => schemaUnchanged(rows, published),
    rows: good,
    published: good,
  },
  'recent to the end of the day': {
    check: (rows, { end }) => recent(rows, 'at', { within: '12h', before: end }),
    rows: good,
  },
  'not recent enough': {
    check: (rows, { end }) => recent(rows, 'at', { within: '1h', before: end }),
    rows: good,
    why: 'expected a newest "at" of 2024-01-01T23:00:00Z or later, got 2024-01-01T12:00:00.001Z',
  },
  'nothing is not recent': {
    check: (rows, { end }) => recent(rows, 'at', { within: '1h', before: end }),
    rows: [],
    why: 'expected a newest "at" of 2024-01-01T23:00:00Z or later, got none',
  },
  'every row as it is said': { check: (rows) => every(rows, sql`price > 0`), rows: good, isSql: true },
  'a condition that is null of a row': {
    check: (rows) => every(rows, sql`price > 0`),
    rows: [...good, odd],
    why: '1 row breaks it',
    sample: sampled(columns, [noon + 2, null, null]),
    isSql: true,
  },
  'a query that finds nothing': {
    check: (rows) => noRows(rows, sql`select * from ${rows} where price > 9`),
    rows: good,
    isSql: true,
  },
  'a query over no rows, alone in its scan': {
    check: (rows) => noRows(rows, sql`select * from ${rows}`),
    rows: [],
    isSql: true,
  },
  'a query that finds something': {
    check: (rows) => noRows(rows, sql`select side, max(price) as most from ${rows} group by side order by side`),
    rows: good,
    why: 'expected no row, got 2',
    sample: sampled(['side', 'most'], ['ask', 2], ['bid', 1]),
    isSql: true,
  },
  'what JavaScript says of each row': {
    check: (rows) => holds(rows, ({ price }) => price !== 2),
    rows: good,
    why: `broken by ${JSON.stringify(good[1])}`,
  },
}

let server: Azurite
beforeAll(async () => {
  server = await azurite()
})
afterAll(() => server.stop())

const engines = [
  ['parquet', async () => openLake()],
  ['parquet in blobs', async () => openFarLake(await storageAt(await server.container(), server.credentials))],
  ['plain rows', async () => undefined],
] as const

describe.each(engines)('on %s', (engine, io) => {
  const told = Object.entries(cases).filter(([, { isSql }]) => engine !== 'plain rows' || !isSql)

  test.each(told)('%s', async (_, { check, rows, published, why, note, sample }) => {
    const { metadata, ...answer } = await answered(check, rows, { io: await io(), ...(published && { published }) })

    expect(answer).toEqual(why === undefined ? { passed: true, ...(note && { why: note }) } : { passed: false, why })
    if (sample !== undefined) expect(metadata?.sample).toEqual(sample)
  })

  test('five rows of many are the sample', async () => {
    const rows = Array.from({ length: 40 }, (_, n) => ({ at: noon + n, side: null, price: n }))

    const { metadata } = await answered((table) => notNull(table, 'side'), rows, { io: await io() })

    expect(metadata).toMatchObject({ failures: 40, sample: { rows: { length: 5 } } })
  })

  test.each<[string, QuoteCheck]>([
    ['the number of rows', (rows, { published }) => rowCountChange(rows, published, { atMost: 0 })],
    ['the columns', (rows, { published }) => schemaUnchanged(rows, published)],
  ])('%s is compared with nothing the first time, and that is said', async (_, check) => {
    expect(await answered(check, good, { io: await io() })).toEqual({ passed: true, why: 'there is no version before' })
  })
})

test('SQL on plain rows is refused, with what is needed', async () => {
  await expect(answered((rows) => every(rows, sql`price > 0`), good)).rejects.toMatchObject({
    code: 'check.engine-missing',
    details: { asset: 'quotes' },
  })
})

test('columns that changed are named', async () => {
  const io = openLake()
  const before = defineAsset({ name: 'quotes', output: Quote, run: () => [] })
  const After = z.strictObject({ at: Quote.shape.at, price: z.string(), amount: z.number() })
  const after = defineAsset({ name: 'quotes', output: After, run: () => [] })
  const staged = async (asset: AnyAsset, key: string) => {
    const identity = { asset: 'quotes', materialization: key, codeVersion: '', inputs: {}, key: key as never }
    const file = await io.stage({ asset, identity, rows: [], signal: new AbortController().signal })
    // The step has but one asset, the one that is declared now: an older file is read through it too.
    return io.table(after, [{ ...file, key: key as never }])
  }
  const claim = schemaUnchanged(await staged(after, 'b'), await staged(before, 'a'))
  if (!('kind' in claim) || claim.kind !== 'columns') throw new Error('expected a claim')

  const answer = async () => claim.answer((await io.prove(claim.table, [claim]))[0]!.value as never)

  expect(await answer()).toEqual({
    passed: false,
    why: 'its columns changed: "side" is gone, "price" was DOUBLE and is VARCHAR, "amount" is new',
  })
  // A published file that was lost must not keep its partition from being made again.
  await io.discard(claim.as.files[0]!.path)
  expect(await answer()).toEqual({ passed: true, why: 'the version before tells of no columns' })
})

test('SQL that breaks is told of the check that it is in, also where one scan answers several', async () => {
  const quotes = defineAsset({
    name: 'quotes',
    output: Quote,
    checks: { fine: (rows) => unique(rows, 'at'), odd: (rows) => every(rows, sql`prize > 0`) },
    run: () => good,
  })

  await expect(materialize(quotes, { io: openLake() })).rejects.toMatchObject({
    code: 'check.threw',
    details: { asset: 'quotes', check: 'odd' },
    cause: { message: expect.stringContaining('prize') },
  })
})

test('a warning does not stop anything, and neither does an error that is only told', async () => {
  const claim = { passed: false, why: 'odd' } as const

  expect(warning(claim)).toEqual({ ...claim, blocking: false, severity: 'warning' })
  expect(notBlocking(claim)).toEqual({ ...claim, blocking: false })
})

test.each<[string, QuoteCheck, string]>([
  ['inRange', (rows) => inRange(rows, 'price', {}), 'a min, a max or both'],
  ['acceptedValues', (rows) => acceptedValues(rows, 'side', []), 'at least one value'],
  ['rowCountChange', (rows) => rowCountChange(rows, undefined, { atMost: -1 }), 'atMost of 0 or more'],
])('%s that says nothing is refused', async (check, declared, expected) => {
  await expect(answered(declared, good)).rejects.toMatchObject({
    code: 'check.threw',
    cause: { code: 'check.malformed', details: { check, expected } },
  })
})
