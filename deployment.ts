import { join } from 'node:path'
import type { Definitions, RunStore } from '#pipeline'
import { daily, definitions, keyed, monthly, provide } from '#pipeline'
import { bronzeBinanceOhlcv } from './assets/bronze/ohlcv.ts'
import { goldHuggingfaceOhlcv } from './assets/gold/ohlcv.ts'
import { goldHuggingfaceRelease } from './assets/gold/release.ts'
import type { Scope } from './assets/scope.ts'
import { silverOhlcvNormalized } from './assets/silver/ohlcv-normalized.ts'
import { silverOhlcvResampled } from './assets/silver/ohlcv-resampled.ts'
import type { Config } from './config.ts'
import type { Home } from './home.ts'
import { cacheFolder, lakeRoot, spillFolder } from './home.ts'
import type { Exchange } from './resources/exchange/port.ts'
import { checkCatalogue, lakeOf } from './resources/lake/lake.ts'
import { lake } from './resources/lake/open-lake.ts'
import type { PublishTarget } from './resources/targets/port.ts'
import { ohlcvSchedules } from './schedules/ohlcv.ts'

export interface DeploymentOptions {
  readonly home: Home
  readonly config: Config
  /** Opened when a step first asks the exchange. */
  readonly exchange: () => Promise<Exchange>
  readonly store: () => RunStore
}

/** As the exchange of a home is written into rows and paths: what the sandbox says never bears the exchange's own name. */
export const exchangeName = ({ settings }: Home): string =>
  settings.kind === 'sandbox' ? `sandbox-${settings.exchange}` : settings.exchange

/** Where the files of a home are: in its folder, or where the configuration says. */
export const lakeUrl = (home: Home, config: Config): string => config.lake ?? lakeRoot(home)

/** A SAS token is a query with a signature, an account key is not. */
const credentialsOf = (key: string) => (/(^|[?&])sig=/.test(key) ? { sas: key } : { accountKey: key })

/** Where a home publishes to, unless a Hub is configured. */
export const publishFolder = (home: Home, config: Config): string => config.publishDir ?? join(home.path, 'published')

/** Everything this product runs. Nothing is opened, read or asked here. */
export function deployment({ home, config, exchange, store }: DeploymentOptions): Definitions {
  const scope: Scope = {
    exchange: exchangeName(home),
    interval: home.settings.interval,
    date: daily({ since: home.settings.since }),
    // The month that is going on is published too, and again each day.
    month: monthly({ since: home.settings.since.slice(0, 7), endOffset: 1 }),
    market: keyed(home.settings.markets),
  }
  const bronze = bronzeBinanceOhlcv(scope)
  const normalized = silverOhlcvNormalized(scope, bronze)
  const resampled = silverOhlcvResampled(scope, normalized)
  const dataset = goldHuggingfaceOhlcv(scope, normalized, resampled)
  const release = goldHuggingfaceRelease(scope, dataset)
  const io = lake({
    url: lakeUrl(home, config),
    ...(config.azureKey !== undefined && { credentials: credentialsOf(config.azureKey) }),
    cache: { folder: cacheFolder(home), maxBytes: config.cacheMb * 1_000_000 },
    spill: spillFolder(home),
    memoryMb: config.duckdbMemoryMb,
  })
  return definitions({
    assets: [bronze, normalized, resampled, dataset, release],
    ...ohlcvSchedules({ bronze, normalized, resampled, dataset, release }),
    resources: {
      exchange: provide(exchange, (opened) => opened.close()),
      target: provide(() => openTarget(home, config)),
      lake: provide(async () => lakeOf(await io.open())),
      catalogue: provide(() => checkCatalogue(store())),
    },
    io,
    pools: { binance: 4 },
  })
}

async function openTarget(home: Home, config: Config): Promise<PublishTarget> {
  if (config.hub) {
    const { hubTarget } = await import('./resources/huggingface/hub.ts')
    const { repo, token, url } = config.hub
    return hubTarget({ repo, token, ...(url !== undefined && { hubUrl: url }) })
  }
  const { folderTarget } = await import('./resources/targets/folder.ts')
  return folderTarget({ root: publishFolder(home, config) })
}
