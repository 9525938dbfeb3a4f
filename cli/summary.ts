import type { Materialization, RunCounts, RunResult } from '#pipeline'
import type { Gap } from '../market/gaps.ts'
import { mergeGaps } from '../market/gaps.ts'
import type { Exchange } from '../resources/exchange/port.ts'
import type { Context } from './context.ts'
import { answerQuery, resultTable } from './query.ts'

/** What a home holds after a run. */
export interface Summary {
  readonly run: string
  readonly status: string
  readonly isPublished: boolean
  readonly counts: RunCounts
  readonly failures: RunResult['failures']
  readonly assets: readonly {
    readonly asset: string
    readonly rows: number
    readonly files: number
    readonly bytes: number
    readonly checksPassed: number
    readonly checksFailed: number
  }[]
  /** Holes in the candles of the exchange, counted over all days: a hole over midnight is one. */
  readonly gaps: number
  readonly missingCandles: number
  readonly requests: ReturnType<Exchange['requests']>
  readonly release: { readonly id: string; readonly location: string; readonly files: number } | null
  readonly sample: { readonly sql: string; readonly text: string }
  readonly tookMs: number
}

const sampleSql = `select market, open_time::date as day, open, high, low, close, complete
from silver_ohlcv_resampled
where interval = '1d' order by open_time desc, market limit 5`

export async function summarize(
  context: Context,
  result: RunResult,
  exchange: Exchange,
  tookMs: number,
): Promise<Summary> {
  const names = [...context.definitions.assets.keys()]
  const current = new Map(
    await Promise.all(names.map(async (name) => [name, await context.store.current(name)] as const)),
  )
  const gaps = gapsIn(current.get('bronze_binance_ohlcv') ?? [])
  const release = current.get('gold_huggingface_release')?.[0]
  const about = release?.metadata as { release: string; location: string } | undefined
  return {
    run: result.id,
    status: result.state.status,
    isPublished: result.state.status === 'succeeded' && release !== undefined,
    counts: result.state.counts,
    failures: result.failures,
    assets: names.map((asset) => summaryOf(asset, current.get(asset)!)),
    gaps: gaps.length,
    missingCandles: gaps.reduce((sum, gap) => sum + gap.missing, 0),
    requests: exchange.requests(),
    release: release && about ? { id: about.release, location: about.location, files: release.rows } : null,
    sample: { sql: sampleSql, text: await sampleOf(context) },
    tookMs,
  }
}

function summaryOf(asset: string, current: readonly Materialization[]): Summary['assets'][number] {
  const checks = current.flatMap((made) => made.checks)
  const checksPassed = checks.filter((check) => check.passed).length
  return {
    asset,
    rows: current.reduce((sum, made) => sum + made.rows, 0),
    files: current.length,
    bytes: current.reduce((sum, made) => sum + made.bytes, 0),
    checksPassed,
    checksFailed: checks.length - checksPassed,
  }
}

/** The gaps of every market, those that touch over midnight joined. */
function gapsIn(bronze: readonly Materialization[]): readonly Gap[] {
  const byMarket = Map.groupBy(bronze, (made) => (made.metadata.symbols as string[] | undefined)?.[0] ?? made.key)
  return [...byMarket.values()].flatMap((days) =>
    mergeGaps(days.flatMap((made) => (made.metadata.gaps as unknown as Gap[] | undefined) ?? [])),
  )
}

async function sampleOf(context: Context): Promise<string> {
  return resultTable(await answerQuery(context, sampleSql, { memoryMb: 128, timeoutMs: 30_000, rows: 5 }))
}
