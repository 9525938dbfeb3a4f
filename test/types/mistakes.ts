/** What the compiler must infer and what it must refuse. Nothing here runs: `tsc` is the test, and `readable.test.ts` reads its complaints. */
import { z } from 'zod'
import type { IoManager, PartitionKey, RunEvent, Table, Window } from '#pipeline'
import {
  allOf,
  daily,
  defineAsset,
  defineJob,
  defineSensor,
  definitions,
  holds,
  hourly,
  keyed,
  keyOf,
  materialize,
  nextRunState,
  optional,
  PipelineError,
  provide,
  resource,
  sql,
  unique,
  within,
} from '#pipeline'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(..._: Equal<A, B> extends true ? [] : [never]) => undefined

const markets = ['BTC-USDT', 'ETH-USDT'] as const
type Market = (typeof markets)[number]

interface RawStore {
  messages(market: Market, window: Window): AsyncIterable<string>
}
interface Lake {
  count(path: string): Promise<number>
}

const hour = hourly({ since: '2024-01-01T00' })
const day = daily({ since: '2024-01-01' })
const market = keyed(markets)
const rawStore = resource<RawStore>()
const lake = resource<Lake>()

const Trade = z.strictObject({ market: z.enum(markets), at: z.int(), price: z.number(), amount: z.number() })
type Trade = z.output<typeof Trade>
const Candle = z.strictObject({ market: z.enum(markets), open_time: z.int(), high: z.number(), low: z.number() })
type Candle = z.output<typeof Candle>
const Range = z.strictObject({ market: z.enum(markets), high: z.number(), low: z.number() })
const Out = z.strictObject({ market: z.string(), price: z.number() })

const bronzeTrades = defineAsset({
  name: 'bronze_trades',
  partitions: { hour, market },
  resources: { rawStore },
  output: Trade,
  async *run({ partition, resources }) {
    for await (const text of resources.rawStore.messages(partition.market, partition.hour)) yield Trade.parse(text)
  },
})

const silverCandles = defineAsset({
  name: 'silver_candles',
  partitions: { day, market },
  deps: { trades: within(bronzeTrades, 'hour', 'day') },
  output: Candle,
  run: () => [],
  checks: {
    'one candle a minute': (candles) => unique(candles, 'market', 'open_time'),
    'high is not below low': (candles) => holds(candles, ({ high, low }) => high >= low),
  },
})

const goldDailyRange = defineAsset({
  name: 'gold_daily_range',
  partitions: { day },
  deps: { candles: allOf(silverCandles, 'market') },
  resources: { lake },
  output: Range,
  run: ({ inputs }) => sql`select market, max(high) as high, min(low) as low from ${inputs.candles} group by market`,
})

const sealedHours = defineSensor({
  name: 'sealed-hours',
  job: defineJob({ name: 'ingest', assets: [bronzeTrades] }),
  every: '30s',
  resources: { rawStore },
  cursor: z.string(),
  poll: async ({ cursor }) => ({ cursor: cursor ?? '', runs: [] }),
})

declare const io: IoManager
declare const store: RawStore
declare const aLake: Lake

function infers() {
  same<Parameters<typeof silverCandles.run>[0]['inputs']['trades'], Table<Trade>>()
  same<Parameters<typeof silverCandles.run>[0]['partition'], { readonly day: Window<'day'>; readonly market: Market }>()
  same<Parameters<typeof bronzeTrades.run>[0]['resources'], { readonly rawStore: RawStore }>()
  same<(typeof goldDailyRange)['name'], 'gold_daily_range'>()
  same<Parameters<typeof goldDailyRange.run>[0]['inputs']['candles'], Table<Candle>>()
  same<Parameters<typeof sealedHours.poll>[0]['cursor'], string | undefined>()

  defineAsset({
    name: 'x',
    partitions: { day, market },
    deps: { candles: silverCandles, trades: within(bronzeTrades, 'hour', 'day'), ranges: optional(goldDailyRange) },
    output: Out,
    async *run({ inputs, partition, published }) {
      same<typeof inputs.candles, Table<Candle>>()
      same<typeof inputs.ranges, Table<z.output<typeof Range>>>()
      same<typeof published, Table<z.output<typeof Out>> | undefined>()
      for await (const trade of inputs.trades) {
        same<typeof trade, Trade>()
        yield { market: partition.market, price: trade.price }
      }
    },
  })
  defineAsset({
    name: 'x',
    partitions: { day, market },
    range: 'day',
    output: Out,
    async *run({ partitions }) {
      same<(typeof partitions)[number], { readonly day: Window<'day'>; readonly market: Market }>()
      for (const partition of partitions) yield { partition, rows: [{ market: partition.market, price: 1 }] }
    },
  })
}

function refusesWrongColumns() {
  defineAsset({
    name: 'x',
    partitions: { day, market },
    deps: { candles: silverCandles },
    output: Out,
    async *run({ inputs, partition }) {
      for await (const candle of inputs.candles) {
        // @ts-expect-error candles have `high` and `low`, not `price`
        yield { market: partition.market, price: candle.price }
      }
    },
  })
  defineAsset({
    name: 'x',
    partitions: { day, market },
    deps: { candles: silverCandles },
    output: Out,
    run({ inputs }) {
      // @ts-expect-error a column name in SQL
      const { vwap } = inputs.candles.columns
      return [{ market: String(vwap), price: 1 }]
    },
  })
  defineAsset({
    name: 'x',
    output: Out,
    // @ts-expect-error `price` is not returned
    run: () => [{ market: 'BTC-USDT' }],
  })
  defineAsset({
    name: 'x',
    output: Out,
    // @ts-expect-error `price` is a number
    async *run() {
      yield { market: 'BTC-USDT', price: '1' }
    },
  })
  defineAsset({
    name: 'x',
    output: Out,
    run: () => [],
    checks: {
      // @ts-expect-error a column name in a check
      'one row a market': (rows) => unique(rows, 'Market'),
    },
  })
}

function refusesWrongPartitions() {
  defineAsset({
    name: 'x',
    partitions: { day },
    // @ts-expect-error candles are cut by market too: allOf(silverCandles, 'market')
    deps: { candles: silverCandles },
    output: Out,
    run: () => [],
  })
  defineAsset({
    name: 'x',
    partitions: { day, market },
    // @ts-expect-error trades are cut by hour: within(bronzeTrades, 'hour', 'day')
    deps: { trades: bronzeTrades },
    output: Out,
    run: () => [],
  })
  // An asset cut by fewer dimensions serves one cut by more.
  defineAsset({ name: 'x', partitions: { day, market }, deps: { range: goldDailyRange }, output: Out, run: () => [] })
  defineAsset({
    name: 'x',
    partitions: { market },
    // @ts-expect-error a day of candles is still a day
    deps: { candles: allOf(silverCandles, 'market') },
    output: Out,
    run: () => [],
  })
  defineAsset({
    name: 'x',
    partitions: { market },
    // @ts-expect-error 24 hours of which day?
    deps: { trades: within(bronzeTrades, 'hour', 'day') },
    output: Out,
    run: () => [],
  })
  // @ts-expect-error it is `partitions`
  defineAsset({ name: 'x', partition: { day }, output: Out, run: () => [] })
  // @ts-expect-error no dimension `venue`
  allOf(silverCandles, 'venue')
  // @ts-expect-error no dimension `hour`
  within(silverCandles, 'hour', 'day')

  const candles = defineJob({ name: 'candles', assets: [silverCandles] })
  defineSensor({
    name: 'x',
    job: candles,
    every: '5m',
    cursor: z.number(),
    // @ts-expect-error the job's partitions have a market
    poll: async () => ({ cursor: 1, runs: [{ partition: { day: day.decode('2024-01-01') } }] }),
  })
  const poll = async () => ({ cursor: 1, runs: [] })
  // @ts-expect-error durations have a unit
  defineSensor({ name: 'x', job: candles, every: '5', cursor: z.number(), poll })

  const key: PartitionKey = keyOf({ day }, { day: day.decode('2024-01-01') })
  // @ts-expect-error a plain string is no key
  const forged: PartitionKey = 'day=2024-01-01'
  return { key, forged }
}

function refusesMissingResources() {
  definitions({
    assets: [bronzeTrades, silverCandles, goldDailyRange],
    // @ts-expect-error `lake` is needed by gold_daily_range
    resources: { rawStore: provide(() => store) },
    io: provide(() => io),
  })
  definitions({
    assets: [bronzeTrades],
    // @ts-expect-error a Lake is no RawStore
    resources: { rawStore: provide(() => aLake) },
    io: provide(() => io),
  })
  definitions({
    assets: [bronzeTrades],
    // @ts-expect-error nothing needs `spare`
    resources: { rawStore: provide(() => store), spare: provide(() => 1) },
    io: provide(() => io),
  })
  definitions({
    assets: [bronzeTrades],
    sensors: [sealedHours],
    // @ts-expect-error a sensor's needs count too
    resources: {},
    io: provide(() => io),
  })
  const clash = defineAsset({ name: 'x', resources: { rawStore: resource<Lake>() }, output: Out, run: () => [] })
  definitions({
    assets: [bronzeTrades, clash],
    // @ts-expect-error two assets disagree on what `rawStore` is
    resources: { rawStore: provide(() => store) },
    io: provide(() => io),
  })
}

function refusesMissingDependencies() {
  const report = defineAsset({
    name: 'report',
    partitions: { day, market },
    deps: { candles: silverCandles },
    output: Out,
    run: () => [],
  })
  definitions({
    // @ts-expect-error report reads silver_candles, which is not listed
    assets: [report],
    resources: {},
    io: provide(() => io),
  })
}

async function typesTheTestDoor() {
  const { rows, checks } = await materialize(silverCandles, {
    partition: { day: day.decode('2024-01-01'), market: 'BTC-USDT' },
    inputs: { trades: [] },
  })
  same<typeof rows, Candle[]>()
  void checks['one candle a minute']
  // @ts-expect-error resources are not optional here
  void materialize(bronzeTrades, { partition: { hour: hour.decode('2024-01-01T00'), market: 'BTC-USDT' } })
  void materialize(silverCandles, {
    partition: { day: day.decode('2024-01-01'), market: 'BTC-USDT' },
    // @ts-expect-error a trade has more columns
    inputs: { trades: [{ price: 1 }] },
  })
}

function typesErrors(error: unknown) {
  new PipelineError('resource.missing', { asset: 'a', resource: 'b' })
  // @ts-expect-error details belong to another code
  new PipelineError('resource.missing', { asset: 'a', dependency: 'b' })
  // @ts-expect-error no such code
  new PipelineError('resource.gone', { asset: 'a' })
  if (error instanceof PipelineError && error.code === 'asset.duplicate') return error.message
  return undefined
}

function refusesUnhandledEvents(event: RunEvent) {
  switch (event.type) {
    case 'queued':
    case 'started':
    case 'step-ended':
    case 'drained':
      return nextRunState(undefined, event)
    default:
      // @ts-expect-error `cancel-requested` is not handled
      return event satisfies never
  }
}

void [
  infers,
  refusesWrongColumns,
  refusesWrongPartitions,
  refusesMissingResources,
  refusesMissingDependencies,
  typesTheTestDoor,
  typesErrors,
  refusesUnhandledEvents,
]
