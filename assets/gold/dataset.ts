/** What a release says of itself, all of it computed from its files: no clock, no disk. */

import { createHash } from 'node:crypto'
import { cardText } from './dataset-card.ts'
import type { Dataset, DatasetFile } from './dataset-content.ts'
import { byPath, isoTime, sum } from './dataset-content.ts'

export type { Dataset, DatasetColumn, DatasetFile } from './dataset-content.ts'

/** 16 hex digits made from the paths and bytes of the files alone, in whatever order they come. */
export function releaseId(files: readonly DatasetFile[]): string {
  const hash = createHash('sha256')
  for (const { path, sha256 } of byPath(files)) hash.update(`${sha256}  ${path}\n`)
  return hash.digest('hex').slice(0, 16)
}

/** The text of `spec.json`: what a program needs to prove and read the release. */
export function datasetSpec(dataset: Dataset): string {
  const { name, title, isSandbox, columns, gaps, missingCandles, checks } = dataset
  const files = byPath(dataset.files)
  const spec = {
    ...{ name, title, release: releaseId(files), sandbox: isSandbox },
    rows: sum(files, ({ rows }) => rows),
    bytes: sum(files, ({ bytes }) => bytes),
    ...{ gaps, missing_candles: missingCandles, checks: { passed: checks.passed, failed: checks.failed } },
    schema: columns.map(({ name, type, unit, nullable, description }) => ({ name, type, unit, nullable, description })),
    files: files.map((file) => ({
      ...{ path: file.path, sha256: file.sha256, bytes: file.bytes, rows: file.rows },
      ...{ interval: file.interval, exchange: file.exchange, period: file.period, markets: file.markets.toSorted() },
      ...{ min_time: isoTime(file.minTime), max_time: isoTime(file.maxTime) },
    })),
  }
  return `${JSON.stringify(spec, null, 2)}\n`
}

/** The text of `README.md`, as the Hugging Face Hub and people read it. All numbers in it come from the dataset. */
export const datasetCard = (dataset: Dataset): string => cardText(dataset, releaseId(dataset.files))
