import type { z } from 'zod'
import type { RunCounts, RunRow as StoredRun } from '#pipeline'
import { isFinal, total } from '#pipeline'
import type { RunRow } from '../contract/runs.ts'

export type ShownRun = z.output<typeof RunRow>

/** Names that a row of a list has place for. */
const mostAssets = 20

/** A run as lists show it. */
export const runRow = ({ id, ask, counts, ...run }: StoredRun): ShownRun => ({
  run: id,
  status: run.status,
  isCanceling: run.cancelRequested && !isFinal[run.status],
  reason: ask.reason,
  tags: ask.tags ?? {},
  priority: ask.priority ?? 0,
  rerunOf: ask.rerunOf ?? null,
  stoppedBecause: run.reason,
  createdAt: run.createdAt,
  startedAt: run.startedAt,
  finishedAt: run.finishedAt,
  assets: ask.assets.slice(0, mostAssets),
  assetCount: ask.assets.length,
  counts: endsOf(counts, total),
})

/** How many partitions ended how, as `sum` adds up those of the assets. */
export const endsOf = (
  counts: RunCounts,
  sum: (byAsset: Readonly<Record<string, number>>) => number,
): ShownRun['counts'] => ({
  planned: sum(counts.planned),
  published: sum(counts.published),
  unchanged: sum(counts.unchanged),
  skipped: sum(counts.skipped),
  rejected: sum(counts.rejected),
  failed: sum(counts.failed),
  blocked: sum(counts.blocked),
  canceled: sum(counts.canceled),
})
