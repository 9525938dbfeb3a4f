/** How rows of the tables become values of the port, and back. */

import type { Metadata } from '../define/metadata.ts'
import type { PartitionKey } from '../define/partition.ts'
import type { TableFile } from '../define/table.ts'
import type { PartitionState } from '../plan/staleness.ts'
import type {
  EventRow,
  KeptMaterialization,
  Materialization,
  PartitionRow,
  RunRow,
  TickRow,
  Unpublished,
} from './port.ts'

export const states = ['missing', 'published', 'failed', 'rejected'] as const
export const statusNumber = { missing: 0, published: 1, failed: 2, rejected: 3 } as const satisfies Record<
  PartitionState['status'],
  number
>
export const eventTypes = [
  'published',
  'log',
  'unchanged',
  'skipped',
  'failed',
  'rejected',
  'canceled',
  'rolled-back',
  'wiped',
  'observed',
] as const satisfies readonly EventRow['type'][]
export const eventNumber = Object.fromEntries(eventTypes.map((type, index) => [type, index])) as Record<
  EventRow['type'],
  number
>

/** What is part of the history of the assets. */
export const keptEvents = ['published', 'unchanged', 'rejected', 'rolled-back', 'wiped'] as const

export interface PartitionColumns {
  readonly id: number
  readonly key: PartitionKey
  readonly status: number
  readonly materialization_id: number | null
}

export interface FileColumns {
  readonly key: PartitionKey
  readonly path: string
  readonly rows: number
  readonly bytes: number
  readonly version: string
  readonly content: string | null
}

export interface VersionColumns extends FileColumns {
  readonly run: string
  readonly code_version: string
  readonly inputs: string
}

export const rejection = (made: Materialization) =>
  made.checks
    .filter((check) => !check.passed && check.blocking)
    .map((check) => `check "${check.name}": ${check.why}`)
    .join('; ')

/** What the event of an attempt without a new version says. */
export function payloadOf(outcome: Unpublished): Metadata | undefined {
  switch (outcome.type) {
    case 'skipped':
      return { why: outcome.why }
    case 'failed':
      return { error: outcome.error, attempt: outcome.attempt, retryAt: outcome.retryAt }
    case 'rejected':
      return { why: rejection(outcome.materialization), path: outcome.materialization.path }
    case 'unchanged':
    case 'canceled':
      return undefined
    default:
      return outcome satisfies never
  }
}

export function stateOf(
  status: number,
  published: (Omit<VersionColumns, keyof FileColumns> & { version: string }) | undefined,
): PartitionState {
  return {
    status: states[status]!,
    published: published && {
      codeVersion: published.code_version,
      version: published.version,
      run: published.run,
      inputs: JSON.parse(published.inputs) as Record<string, string>,
    },
  }
}

export const fileOf = ({ key, path, rows, bytes, version, content }: FileColumns): TableFile => ({
  key,
  path,
  rows,
  bytes,
  version,
  ...(content !== null && { content }),
})

export const selectPartitions = `select p.key, p.status, p.materialization_id, p.error, p.leased_until, m.path, m.rows, m.bytes,
  m.version, m.content, m.code_version, m.inputs, m.at, r.uid as run
  from partition p left join materialization m on m.id = p.materialization_id left join run r on r.id = m.run_id`

export interface PublishedColumns extends VersionColumns {
  readonly status: number
  readonly materialization_id: number | null
  readonly at: number
  readonly error: string
  readonly leased_until: number
}

export function partitionRow(asset: string, row: PublishedColumns): PartitionRow {
  const published = row.materialization_id === null ? undefined : row
  return {
    asset,
    key: row.key,
    state: stateOf(row.status, published),
    file: published && fileOf(published),
    publishedAt: row.at,
    run: row.run,
    error: row.error,
    leasedUntil: row.leased_until,
  }
}

export interface RunColumns {
  readonly uid: string
  readonly ask: string
  readonly status: RunRow['status']
  readonly created_at: number
  readonly finished_at: number | null
  readonly leader: string | null
  readonly cancel_requested: number
  readonly counts: string
  readonly admitted_at: number | null
  readonly started_at: number | null
  readonly resumes: number
  readonly is_orphan: number
  readonly reason: string | null
}

export const runRow = (row: RunColumns): RunRow => ({
  id: row.uid,
  ask: JSON.parse(row.ask),
  status: row.status,
  createdAt: row.created_at,
  finishedAt: row.finished_at,
  leader: row.leader,
  cancelRequested: row.cancel_requested === 1,
  counts: JSON.parse(row.counts),
  admittedAt: row.admitted_at,
  startedAt: row.started_at,
  resumes: row.resumes,
  isOrphan: row.is_orphan === 1,
  reason: row.reason,
})

export const selectMaterializations = `select m.uid, a.name as asset, p.key, coalesce(r.uid, '') as run, m.status, m.at, m.path, m.rows, m.bytes,
  m.version, m.content, m.code_version, m.inputs, m.sources, m.checks, m.metadata, m.superseded_at, m.removed_at, m.id as number
  from materialization m join partition p on p.id = m.partition_id join asset a on a.id = p.asset_id left join run r on r.id = m.run_id`

export interface MaterializationColumns extends VersionColumns {
  readonly uid: string
  readonly asset: string
  readonly status: number
  readonly at: number
  readonly sources: string
  readonly checks: string
  readonly metadata: string
  readonly superseded_at: number | null
  readonly removed_at: number | null
  readonly number: number
}

export const materializationRow = (row: MaterializationColumns): KeptMaterialization => ({
  ...fileOf(row),
  id: row.uid,
  asset: row.asset,
  run: row.run,
  codeVersion: row.code_version,
  inputs: JSON.parse(row.inputs),
  sources: JSON.parse(row.sources),
  checks: JSON.parse(row.checks),
  metadata: JSON.parse(row.metadata),
  at: row.at,
  number: row.number,
  status: row.status === statusNumber.rejected ? 'rejected' : 'published',
  supersededAt: row.superseded_at,
  removedAt: row.removed_at,
})

export const selectEvents = `select e.id, e.at, coalesce(r.uid, '') as run, e.type, a.name as asset, p.key, e.payload,
  e.took_ms as "tookMs", k.name as by, e.attempt
  from event e left join run r on r.id = e.run_id left join partition p on p.id = e.partition_id
  left join asset a on a.id = p.asset_id left join maker k on k.id = e.maker`

export interface EventColumns extends Omit<EventRow, 'type' | 'payload'> {
  readonly type: number
  readonly payload: string | null
}

export const eventRow = (row: EventColumns): EventRow => ({
  ...row,
  type: eventTypes[row.type]!,
  payload: row.payload === null ? {} : (JSON.parse(row.payload) as Metadata),
})

export interface TickColumns {
  readonly definition: string
  readonly scheduled_at: number
  readonly decided_at: number
  readonly status: TickRow['status']
  readonly failures: number
  readonly note: string | null
  readonly runs: string
  readonly cursor_before: string | null
  readonly cursor_after: string | null
}

export const tickRow = (row: TickColumns): TickRow => ({
  definition: row.definition,
  scheduledAt: row.scheduled_at,
  decidedAt: row.decided_at,
  status: row.status,
  failures: row.failures,
  note: row.note,
  runs: JSON.parse(row.runs) as readonly string[],
  cursorBefore: row.cursor_before,
  cursorAfter: row.cursor_after,
})
