/** Recorded candles from `ohlcv/binance/{spot,usdm}_<MARKET>_<interval>.csv.gz`: what was not recorded stays null. */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { alignDown, alignUp, type Interval, intervalMs, intervals, isInterval } from '../market/interval.ts'
import type { Kline, KlineAsk, Series } from './series.ts'

/** One recorded file. `from` and `to` are the open times (ms) of its first and last row. */
export interface Recording {
  readonly market: string
  readonly interval: Interval
  readonly from: number
  readonly to: number
  readonly rows: number
}

interface RecordedFile extends Recording {
  readonly times: Float64Array
  readonly lines: readonly string[]
}

const header = 'timestamp_ms,open,high,low,close,volume'
const name = /^(?:spot|usdm)_([A-Z0-9]+-[A-Z0-9]+(?:-PERP)?)_(\w+)\.csv\.gz$/

/** Reads every candle series under `folder`. Throws when there is none, or when one is not as its format says. */
export async function recordedSeries(
  folder: string,
): Promise<{ readonly series: readonly Series[]; readonly recorded: readonly Recording[] }> {
  const home = join(folder, 'ohlcv', 'binance')
  const found = (await readdir(home).catch(() => [])).filter((file) => isInterval(name.exec(file)?.[2] ?? '')).sort()
  if (found.length === 0) throw new Error(`expected recorded candles in "${home}", found none; check --replay`)
  const files = await Promise.all(found.map((file) => readRecording(home, file)))
  const byMarket = Map.groupBy(files, (file) => file.market)
  return {
    series: [...byMarket].map(([market, recordings]) => seriesOf(market, recordings)),
    recorded: files.map(({ market, interval, from, to, rows }) => ({ market, interval, from, to, rows })),
  }
}

async function readRecording(home: string, file: string): Promise<RecordedFile> {
  const [, market = '', interval = ''] = name.exec(file)!
  const text = (await promisify(gunzip)(await readFile(join(home, file)))).toString('utf8')
  const [first, ...lines] = text.trimEnd().split('\n')
  if (first?.trim() !== header || lines.length === 0) {
    throw new Error(`expected "${header}" and rows in recording "${file}", got "${first}" and ${lines.length} rows`)
  }
  const times = Float64Array.from(lines, (line) => Number(line.slice(0, line.indexOf(','))))
  return {
    market,
    interval: interval as Interval,
    from: times[0]!,
    to: times.at(-1)!,
    rows: lines.length,
    times,
    lines,
  }
}

function seriesOf(market: string, files: readonly RecordedFile[]): Series {
  return {
    market,
    digits: { price: 8, amount: 8 },
    klines: (ask) => {
      const file = sourceFor(files, ask.interval)
      return file ? klinesOf(file, ask) : []
    },
  }
}

// The very interval if it was recorded, else the finest one that divides it; nothing is made from longer candles.
function sourceFor(files: readonly RecordedFile[], wanted: Interval): RecordedFile | undefined {
  const exact = files.find((file) => file.interval === wanted)
  if (exact) return exact
  return [...files]
    .sort((a, b) => intervals.indexOf(a.interval) - intervals.indexOf(b.interval))
    .find(
      (file) => intervalMs(file.interval) < intervalMs(wanted) && intervalMs(wanted) % intervalMs(file.interval) === 0,
    )
}

function klinesOf(file: RecordedFile, ask: KlineAsk): readonly Kline[] {
  const { interval, limit } = ask
  const step = intervalMs(interval)
  const end = alignDown(Math.min(ask.to, ask.now), interval) + step
  const from = ask.from === undefined ? 0 : alignUp(ask.from, interval)
  const rows: Kline[] = []
  if (ask.from !== undefined) {
    for (let i = indexAt(file, from); i < file.rows && file.times[i]! < end && rows.length < limit; ) {
      const next = indexAt(file, alignDown(file.times[i]!, interval) + step)
      rows.push(klineOf(file, interval, i, next))
      i = next
    }
    return rows
  }
  for (let i = indexAt(file, end); i > 0 && rows.length < limit; ) {
    const first = indexAt(file, alignDown(file.times[i - 1]!, interval))
    rows.push(klineOf(file, interval, first, i))
    i = first
  }
  return rows.reverse()
}

function klineOf(file: RecordedFile, interval: Interval, first: number, end: number): Kline {
  const rows = file.lines.slice(first, end).map((line) => line.trim().split(','))
  return {
    openTime: alignDown(file.times[first]!, interval),
    open: rows[0]![1]!,
    high: extreme(rows, 2, Math.max),
    low: extreme(rows, 3, Math.min),
    close: rows.at(-1)![4]!,
    volume: rows.length === 1 ? rows[0]![5]! : total(rows, 5),
    quoteVolume: null,
    trades: null,
    takerBuyVolume: null,
    takerBuyQuoteVolume: null,
  }
}

// The recording's own text, not a number printed again.
function extreme(rows: readonly string[][], column: number, pick: (...values: number[]) => number): string {
  return rows.map((row) => row[column]!).reduce((a, b) => (pick(Number(a), Number(b)) === Number(a) ? a : b))
}

// Eight decimals hold every amount that Binance trades; more would only show the drift of float64.
function total(rows: readonly string[][], column: number): string {
  const sum = rows.reduce((so, row) => so + Number(row[column]), 0)
  return sum.toFixed(8).replace(/\.?0+$/, '')
}

/** The index of the first row at or after `time`. */
function indexAt({ times }: RecordedFile, time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! < time) low = middle + 1
    else high = middle
  }
  return low
}
