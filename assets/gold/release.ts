import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { TableFile } from '#pipeline'
import { allOf, columnsOf, defineAsset, optional, partitionOf, resource, sql, unique } from '#pipeline'
import { intervalMs } from '../../market/interval.ts'
import type { Catalogue, Lake } from '../../resources/lake/port.ts'
import type { PublishTarget, ReleaseFile } from '../../resources/targets/port.ts'
import type { Scope } from '../scope.ts'
import type { Dataset, DatasetFile } from './dataset.ts'
import { datasetCard, datasetSpec, releaseId } from './dataset.ts'
import type { goldHuggingfaceOhlcv } from './ohlcv.ts'
import { DatasetCandle } from './ohlcv.ts'

export const target = resource<PublishTarget>()
export const lake = resource<Lake>()
export const catalogue = resource<Catalogue>()

/** One file of the newest release. */
export const ReleasedFile = z.strictObject({
  path: z.string().meta({ description: 'path inside the dataset' }),
  exchange: z.string().meta({ description: 'exchange of its rows' }),
  interval: z.string().meta({ description: 'interval of its candles' }),
  period: z.string().meta({ description: 'month of its candles, UTC' }),
  sha256: z.string().meta({ description: 'SHA-256 of the file' }),
  bytes: z.int().meta({ description: 'size', unit: 'bytes' }),
  rows: z.int().meta({ description: 'candles in it', unit: 'rows' }),
  min_time: z.int().nullable().meta({ column: 'timestamp', description: 'first open time' }),
  max_time: z.int().nullable().meta({ column: 'timestamp', description: 'last open time' }),
  release: z.string().meta({ description: 'id of the release: the same files, the same id' }),
})

/** Publishes the dataset: one release is one atomic change of the target, and an unchanged dataset sends nothing. */
export const goldHuggingfaceRelease = (scope: Scope, dataset: ReturnType<typeof goldHuggingfaceOhlcv>) =>
  defineAsset({
    name: 'gold_huggingface_release',
    layer: 'gold',
    kinds: ['publication'],
    description: 'The files of the newest release of the dataset, as they were sent to its target.',
    deps: { dataset: optional(allOf(allOf(allOf(dataset, 'exchange'), 'interval'), 'month')) },
    resources: { target, lake, catalogue },
    output: ReleasedFile,
    key: ['path'],
    retry: { attempts: 4, backoff: '5s', most: '5m' },
    async run({ inputs, resources, signal, metadata }) {
      const { lake } = resources
      const filled = inputs.dataset.files.filter(({ rows }) => rows > 0)
      const publish = async (pathOf: (file: TableFile) => string) => {
        const spans = await spansOf(lake, inputs.dataset, signal)
        const entries = await Promise.all(
          filled.map(async (file) => ({
            path: pathOf(file),
            entry: await describe(file, pathOf(file), dataset.partitions, spans),
          })),
        )
        const files = entries.map(({ entry }) => entry)
        const about: Dataset = {
          name: 'ohlcv',
          title: `OHLCV candles of ${scope.exchange}`,
          isSandbox: scope.exchange.startsWith('sandbox-'),
          files,
          columns: columnsOf(DatasetCandle).map(({ name, type, unit, description, nullable }) => ({
            name,
            type,
            unit: unit ?? null,
            description: description ?? '',
            nullable,
          })),
          ...(await gapsIn(lake, inputs.dataset, scope, signal)),
          checks: await resources.catalogue.checks([
            'silver_ohlcv_normalized',
            'silver_ohlcv_resampled',
            'gold_huggingface_ohlcv',
          ]),
        }
        const release = {
          id: releaseId(files),
          summary: `${files.length} files, ${files.reduce((sum, file) => sum + file.rows, 0)} rows`,
          files: [
            ...entries.map(
              ({ path, entry }): ReleaseFile => ({
                path: entry.path,
                sha256: entry.sha256,
                bytes: entry.bytes,
                content: { file: path },
              }),
            ),
            textFile('spec.json', datasetSpec(about)),
            textFile('README.md', datasetCard(about)),
          ],
        }
        return { about, id: release.id, published: await resources.target.publish(release, signal) }
      }
      const { about, id, published } = await lake.lend(filled, publish, signal)
      metadata({
        release: id,
        target: published.target,
        location: published.location,
        commit: published.commit,
        outcome: published.outcome,
        sent_files: published.sentFiles,
        sent_bytes: published.sentBytes,
        kept_files: published.keptFiles,
        removed_files: published.removedFiles,
        gaps: about.gaps,
        missing_candles: about.missingCandles,
      })
      return about.files.map(({ path, exchange, interval, period, sha256, bytes, rows, minTime, maxTime }) => ({
        ...{ path, exchange, interval, period, sha256, bytes, rows },
        ...{ min_time: minTime, max_time: maxTime, release: id },
      }))
    },
    checks: { 'one row a file': (rows) => unique(rows, 'path') },
  })

interface Span {
  readonly exchange: string
  readonly interval: string
  readonly period: string
  readonly first: number
  readonly last: number
  readonly markets: readonly string[]
}

async function spansOf(
  lake: Lake,
  dataset: Parameters<Lake['query']>[0]['values'][number],
  signal: AbortSignal,
): Promise<readonly Span[]> {
  const query = sql<Span>`
    select exchange, interval, strftime(open_time, '%Y-%m') as period, min(open_time) as first, max(open_time) as last,
      list(distinct market order by market) as markets
    from ${dataset} group by exchange, interval, period`
  return Array.fromAsync(lake.query(query, signal))
}

async function describe(
  file: TableFile,
  at: string,
  partitions: ReturnType<typeof goldHuggingfaceOhlcv>['partitions'],
  spans: readonly Span[],
): Promise<DatasetFile> {
  const { exchange, interval, month } = partitionOf(partitions, file.key)
  const period = month.start.toISOString().slice(0, 7)
  const span = spans.find((one) => one.exchange === exchange && one.interval === interval && one.period === period)
  const bytes = await readFile(at)
  return {
    path: `data/${interval}/${exchange}/${period}.parquet`,
    ...{ exchange, interval, period, rows: file.rows, bytes: bytes.length },
    sha256: createHash('sha256').update(bytes).digest('hex'),
    markets: span?.markets ?? [],
    minTime: span?.first ?? null,
    maxTime: span?.last ?? null,
  }
}

/** Holes in the finest candles, counted in the data itself. */
async function gapsIn(
  lake: Lake,
  dataset: Parameters<Lake['query']>[0]['values'][number],
  scope: Scope,
  signal: AbortSignal,
) {
  const step = intervalMs(scope.interval)
  const query = sql<{ gaps: number; missing: number }>`
    select count(*) as gaps, coalesce(sum(ms // ${step} - 1), 0) as missing from (
      select epoch_ms(lead(open_time) over (partition by exchange, market order by open_time)) - epoch_ms(open_time) as ms
      from ${dataset} where interval = ${scope.interval}
    ) where ms > ${step}`
  for await (const { gaps, missing } of lake.query(query, signal)) return { gaps, missingCandles: missing }
  return { gaps: 0, missingCandles: 0 }
}

const textFile = (path: string, text: string): ReleaseFile => ({
  path,
  sha256: createHash('sha256').update(text).digest('hex'),
  bytes: Buffer.byteLength(text),
  content: { text },
})
