import type { AnyAsset, Engine, Sql, TableFile } from '#pipeline'
import { sql } from '#pipeline'
import type { Answer } from '../contract/contract.ts'
import { hasColumn } from './candle-assets.ts'

export type Candle = Omit<Answer<'candles'>['candles'][number], 'version'>

export interface CandleSource {
  readonly engine: Engine
  readonly asset: AnyAsset
  readonly market: string
  readonly interval: string
  readonly signal: AbortSignal
}

interface Ask {
  readonly from: number
  readonly to: number
  readonly order: 'oldest' | 'newest'
  readonly most: number
}

/** A file of more rows is read in part, and not remembered. */
const mostRows = 50_000
/** Files of one query: each is a scan of its own, and these take their memory together. */
const filesAtOnce = 32
/** Candles of files that are remembered: a file never changes, and opening a thousand of them takes seconds. */
const mostRemembered = 200_000
const remembered = new Map<string, readonly Candle[]>()
let total = 0

/** The first candles of a window in its order, out of some files. */
export async function candlesIn(
  on: CandleSource,
  files: ReadonlyMap<string, TableFile>,
  { from, to, order, most }: Ask,
): Promise<readonly Candle[]> {
  const candles: Candle[] = []
  const large: TableFile[] = []
  const unread: TableFile[] = []
  for (const file of files.values()) {
    const known = recalled(nameOf(on, file))
    if (known) candles.push(...known)
    else (file.rows > mostRows ? large : unread).push(file)
  }
  for (let at = 0; at < unread.length; at += filesAtOnce) {
    for (const [file, own] of await readWhole(on, unread.slice(at, at + filesAtOnce))) {
      remember(nameOf(on, file), own)
      candles.push(...own)
    }
  }
  if (large.length > 0) {
    const direction = order === 'oldest' ? sql`asc` : sql`desc`
    candles.push(
      ...(await read<Candle>(
        on,
        sql`select ${columnsOf(on)} from ${await tableOf(on, large)}
          where market = ${on.market} and interval = ${on.interval}
            and epoch_ms(open_time) >= ${from} and epoch_ms(open_time) < ${to}
          group by open_time order by open_time ${direction} limit ${most}`,
      )),
    )
  }
  return candles
    .filter(({ at }) => at >= from && at < to)
    .sort(order === 'oldest' ? (a, b) => a.at - b.at : (a, b) => b.at - a.at)
    .slice(0, most)
}

/** All candles of the market in each file, in one query. */
async function readWhole(
  on: CandleSource,
  files: readonly TableFile[],
): Promise<readonly (readonly [TableFile, readonly Candle[]])[]> {
  if (files.length === 0) return []
  const parts = await Promise.all(
    files.map(async (file, index) => sql`select *, ${index}::int as file from ${await tableOf(on, [file])}`),
  )
  const all: Sql<unknown> = { kind: 'sql', text: ['', ...parts.slice(1).map(() => ' union all '), ''], values: parts }
  const rows = await read<Candle & { file: number }>(
    on,
    sql`select ${columnsOf(on)}, file from (${all}) where market = ${on.market} and interval = ${on.interval} group by open_time, file`,
  )
  const byFile = Map.groupBy(rows, ({ file }) => file)
  return files.map((file, index) => [file, (byFile.get(index) ?? []).map(({ file: _, ...candle }) => candle)] as const)
}

/** Of raw answers there may be several for one candle. */
const columnsOf = ({ asset }: CandleSource): Sql<unknown> => sql`
  epoch_ms(open_time) as at, any_value(open)::double as open, any_value(high)::double as high,
  any_value(low)::double as low, any_value(close)::double as close, any_value(volume)::double as volume,
  ${hasColumn(asset, 'complete') ? sql`bool_and(complete)` : sql`true`} as "isComplete"`

const tableOf = async ({ engine, asset }: CandleSource, files: readonly TableFile[]) =>
  (await engine.io()).table(asset, files)

const read = async <Row>({ engine, signal }: CandleSource, query: Sql<unknown>): Promise<readonly Row[]> =>
  Array.fromAsync((await engine.io()).query(query as Sql<Row>, signal))

const nameOf = ({ asset, market, interval }: CandleSource, { path }: TableFile): string =>
  [asset.name, path, market, interval].join('\n')

function recalled(name: string): readonly Candle[] | undefined {
  const known = remembered.get(name)
  if (!known) return undefined
  // What was asked for last is at the end, and what was not asked for the longest goes first.
  remembered.delete(name)
  remembered.set(name, known)
  return known
}

function remember(name: string, candles: readonly Candle[]): void {
  total += candles.length + 1 - (remembered.has(name) ? remembered.get(name)!.length + 1 : 0)
  remembered.set(name, candles)
  for (const [oldest, of] of remembered) {
    if (total <= mostRemembered) return
    remembered.delete(oldest)
    total -= of.length + 1
  }
}
