/** What a dataset consists of, and how its files add up. */

/** A parquet file at `data/<interval>/<exchange>/<period>.parquet`; times are ms since 1970 UTC. */
export interface DatasetFile {
  readonly path: string
  readonly sha256: string
  readonly bytes: number
  readonly rows: number
  readonly interval: string
  readonly exchange: string
  /** A UTC month such as `2024-01`. */
  readonly period: string
  readonly markets: readonly string[]
  readonly minTime: number | null
  readonly maxTime: number | null
}

export interface DatasetColumn {
  readonly name: string
  readonly type: string
  readonly unit: string | null
  readonly description: string
  readonly nullable: boolean
}

export interface Dataset {
  readonly name: string
  readonly title: string
  /** Whether the rows are invented or replayed, and no market data. */
  readonly isSandbox: boolean
  readonly files: readonly DatasetFile[]
  readonly columns: readonly DatasetColumn[]
  readonly gaps: number
  readonly missingCandles: number
  readonly checks: { readonly passed: number; readonly failed: number }
}

/** The files of one interval and exchange, taken together. */
export interface Share {
  readonly interval: string
  readonly exchange: string
  readonly files: number
  readonly rows: number
  readonly markets: readonly string[]
  readonly minTime: number | null
  readonly maxTime: number | null
}

/** The files by interval and exchange, finest interval first. */
export function sharesOf(files: readonly DatasetFile[]): readonly Share[] {
  const groups = Map.groupBy(byPath(files), ({ interval, exchange }) => `${interval}/${exchange}`)
  return [...groups.values()]
    .map((group) => ({
      ...{ interval: group[0]!.interval, exchange: group[0]!.exchange, files: group.length },
      rows: sum(group, ({ rows }) => rows),
      markets: [...new Set(group.flatMap(({ markets }) => markets))].sort(),
      minTime: edge(
        group.map(({ minTime }) => minTime),
        Math.min,
      ),
      maxTime: edge(
        group.map(({ maxTime }) => maxTime),
        Math.max,
      ),
    }))
    .sort((a, b) => lengthOf(a.interval) - lengthOf(b.interval) || compareText(a.exchange, b.exchange))
}

/** As ISO 8601 without the milliseconds, which candles do not have. */
export const isoTime = (at: number | null): string | null =>
  at === null ? null : new Date(at).toISOString().replace('.000Z', 'Z')

export const sum = <T>(values: readonly T[], of: (value: T) => number): number =>
  values.reduce((total, value) => total + of(value), 0)

/** By code units: the same order on every machine, whatever its language. */
export const byPath = (files: readonly DatasetFile[]): readonly DatasetFile[] =>
  files.toSorted((a, b) => compareText(a.path, b.path))

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function edge(times: readonly (number | null)[], pick: (...times: number[]) => number): number | null {
  const known = times.filter((time) => time !== null)
  return known.length === 0 ? null : pick(...known)
}

/** Seconds of an interval such as `15m`; one that can not be read comes last. */
function lengthOf(interval: string): number {
  const [, count, unit] = /^(\d+)([smhdwM])$/.exec(interval) ?? []
  const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800, M: 2_592_000 }
  return unit === undefined ? Number.MAX_SAFE_INTEGER : Number(count) * seconds[unit]!
}
