import { z } from 'zod'
import type { AnyAsset, Provider } from '#pipeline'
import { daily, defineAsset, defineJob, defineSchedule, definitions, hourly, keyed } from '#pipeline'

const groups = [
  'binance',
  'bitfinex',
  'bitget',
  'bybit',
  'coinbase',
  'deribit',
  'gate',
  'htx',
  'kraken',
  'kucoin',
  'mexc',
  'okx',
]
const layers = [
  ['bronze', 8],
  ['silver', 10],
  ['gold', 7],
] as const
const output = z.strictObject({ n: z.int() })
const date = daily({ since: '2022-04-01' })

function assetOf(
  group: string,
  layer: (typeof layers)[number][0],
  at: number,
  reads: readonly AnyAsset[],
  wait: () => Promise<void>,
) {
  return defineAsset({
    name: `${layer}_${group}_${at}`,
    layer,
    group,
    kinds: [layer === 'bronze' ? 'ccxt' : 'sql'],
    owners: [at % 2 === 0 ? 'team:market-data' : 'team:research'],
    tags: { tier: String((at % 3) + 1) },
    description: `Number ${at} of what ${group} has in ${layer}.`,
    partitions: { date },
    deps: Object.fromEntries(reads.map((asset) => [asset.name, asset])),
    output,
    async run() {
      await wait()
      return []
    },
  })
}

/** 300 assets in 12 groups, a million partitions together; each step waits as `wait` says and makes nothing. */
export function webDefinitions(on: { readonly io: Provider<any>; readonly wait: () => Promise<void> }) {
  const assets: AnyAsset[] = []
  for (const group of groups) {
    let above: readonly AnyAsset[] = []
    for (const [layer, count] of layers) {
      const own: readonly AnyAsset[] = Array.from(
        { length: group === 'okx' && layer === 'gold' ? count - 1 : count },
        (_, at) => assetOf(group, layer, at, above.filter((_, index) => index % 3 === at % 3).slice(0, 3), on.wait),
      )
      assets.push(...own)
      above = own
    }
  }
  const wide = defineAsset({
    name: 'bronze_wide',
    layer: 'bronze',
    group: 'binance',
    description: 'Half a million partitions: each hour of six markets.',
    partitions: {
      hour: hourly({ since: '2016-12-01' }),
      market: keyed(['BTC-USDT', 'ETH-USDT', 'SOL-USDT', 'BNB-USDT', 'XRP-USDT', 'BTC-USDT-PERP']),
    },
    output,
    async run() {
      await on.wait()
      return []
    },
  })
  const jobs = groups.map((group) =>
    defineJob({ name: `${group}_all`, assets: assets.filter((asset) => asset.group === group) }),
  )
  return definitions({
    assets: [...assets, wide],
    jobs,
    schedules: jobs.map((job) =>
      defineSchedule({ name: `${job.name}_daily`, job, cron: '15 1 * * *', defaultStatus: 'stopped' }),
    ),
    resources: {},
    io: on.io,
  })
}
