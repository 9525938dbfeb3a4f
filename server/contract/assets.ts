import { z } from 'zod'
import { Count, Cursor, endpoint, Instant, limitOf, pageOf } from './endpoint.ts'
import { eventTypes, partitionStatuses } from './words.ts'

const about = 'assets'
const params = z.strictObject({ asset: z.string().max(200) })
export const Metadata = z.record(z.string(), z.json())
export const Key = z.string().max(500).meta({ description: 'a partition key, such as date=2024-01-31/market=BTC-USDT' })

export const PartitionStatus = z.enum(partitionStatuses)

/**
 * In one word, worst first: a partition failed or was refused by a check; it is later than its freshness rule allows; it is
 * being made; some partitions are stale or missing; nothing was ever made; all is well; others make it.
 */
export const Health = z.enum(['failing', 'late', 'running', 'incomplete', 'unmade', 'healthy', 'external'])

export const PartitionCounts = z.strictObject({
  total: Count,
  published: Count,
  missing: Count,
  failed: Count,
  rejected: Count,
  running: Count,
  stale: Count.nullable().meta({ description: 'of the published; null where there are too many to count in passing' }),
})

/** What changes of an asset while it is looked at. */
export const AssetPulse = z.strictObject({
  asset: z.string(),
  health: Health,
  partitions: PartitionCounts,
  rows: Count,
  bytes: Count,
  lastPublishedAt: Instant.nullable(),
  freshness: z.enum(['fresh', 'late', 'unmade']).nullable().meta({ description: 'null without a freshness rule' }),
  failedChecks: Count.meta({ description: 'checks that failed on what is published, warnings too' }),
})

export const AssetRow = AssetPulse.extend({
  layer: z.enum(['bronze', 'silver', 'gold']).nullable(),
  group: z.string(),
  isExternal: z.boolean(),
  description: z.string().nullable(),
  kinds: z.array(z.string()),
  tags: z.record(z.string(), z.string()),
  owners: z.array(z.string()),
  dimensions: z.array(z.string()),
  automation: z.string().nullable().meta({ description: 'its condition, in words' }),
})

const Dimension = z.strictObject({
  name: z.string(),
  kind: z.enum(['time', 'keyed', 'dynamic']),
  count: Count,
  first: z.string().nullable(),
  last: z.string().nullable(),
  unit: z.enum(['hour', 'day', 'week', 'month', 'other']).nullable().meta({ description: 'of a time dimension' }),
  timezone: z.string().nullable(),
  keys: z.array(z.string()).nullable().meta({ description: 'where they are no times, the first 1,000' }),
  dynamic: z.string().nullable().meta({ description: 'the name under which its keys are changed' }),
})

const AssetDetails = AssetRow.extend({
  dimensionList: z.array(Dimension),
  columns: z.array(
    z.strictObject({
      name: z.string(),
      type: z.string(),
      nullable: z.boolean(),
      description: z.string().nullable(),
      unit: z.string().nullable(),
      isKey: z.boolean(),
    }),
  ),
  reads: z.array(z.strictObject({ input: z.string(), asset: z.string(), mapping: z.string() })),
  readBy: z.array(z.string()),
  checks: z.array(z.string()),
  resources: z.array(z.string()),
  codeVersion: z.string(),
  pool: z.string().nullable(),
  priority: z.int(),
  timeout: z.string(),
  retry: z.string(),
  freshnessRule: z.string().nullable(),
  retain: z.string().nullable(),
  isIsolated: z.boolean(),
  range: z.string().nullable().meta({ description: 'the dimension along which one step makes many partitions' }),
  params: z
    .array(
      z.strictObject({
        name: z.string(),
        type: z.string(),
        isRequired: z.boolean(),
        default: z.json(),
        description: z.string().nullable(),
      }),
    )
    .meta({ description: 'what a run may be given' }),
  schedules: z.array(z.string()).meta({ description: 'schedules and sensors that make it' }),
  viewSql: z.string().meta({ description: 'a query to begin with' }),
})

/** How many partitions of each status a cell stands for; those of status 0 are left out. */
export const Cell = z
  .array(Count)
  .length(6)
  .meta({ description: `in the order ${partitionStatuses.join(', ')}` })

/**
 * An axis cut into stretches of neighbours. `[from, to)` are places on the axis; a stretch of one place is one key.
 */
const GridAxis = z.strictObject({
  dimension: z.string().nullable().meta({ description: 'null where an asset is not cut along this axis' }),
  size: Count.meta({ description: 'places of the whole axis' }),
  from: Count,
  to: Count,
  stretches: z.array(z.strictObject({ from: Count, to: Count, first: z.string(), last: z.string() })),
})

const Grid = z.strictObject({
  columns: GridAxis,
  rows: GridAxis,
  cells: z.array(z.array(Cell)).meta({ description: 'by row, then by column' }),
  asOf: Instant,
  isStaleKnown: z
    .boolean()
    .meta({ description: 'whether stale is told from fresh; a million partitions are not compared in passing' }),
})

const gridQuery = z.strictObject({
  columns: z.string().max(100).optional().meta({ description: 'dimension across; the longest if absent' }),
  rows: z.string().max(100).optional().meta({ description: 'dimension down' }),
  from: z.coerce.number().int().min(0).optional().meta({ description: 'first place across' }),
  to: z.coerce.number().int().min(0).optional().meta({ description: 'place across after the last' }),
  rowsFrom: z.coerce.number().int().min(0).optional(),
  rowsTo: z.coerce.number().int().min(0).optional(),
  width: z.coerce.number().int().min(1).max(2_000).default(600).meta({ description: 'stretches across at most' }),
  height: z.coerce.number().int().min(1).max(200).default(40).meta({ description: 'stretches down at most' }),
})

const PartitionItem = z.strictObject({
  key: z.string(),
  status: PartitionStatus,
  why: z.string().nullable().meta({ description: 'of one that is stale, failed or rejected' }),
  publishedAt: Instant.nullable(),
  run: z.string().nullable(),
  rows: Count.nullable(),
  bytes: Count.nullable(),
})

const CheckOutcome = z.strictObject({
  name: z.string(),
  passed: z.boolean(),
  blocking: z.boolean(),
  severity: z.string(),
  why: z.string().nullable(),
  metadata: Metadata,
})

export const Materialization = z.strictObject({
  id: z.string(),
  key: z.string(),
  run: z.string(),
  at: Instant,
  status: z.enum(['published', 'rejected']),
  isCurrent: z.boolean(),
  isRemoved: z.boolean().meta({ description: 'its file was given up' }),
  rows: Count,
  bytes: Count,
  version: z.string(),
  codeVersion: z.string(),
  path: z.string(),
  checks: z.array(CheckOutcome),
  metadata: Metadata,
})

export const Event = z.strictObject({
  id: Count,
  at: Instant,
  type: z.enum(eventTypes),
  run: z.string().nullable(),
  asset: z.string(),
  key: z.string(),
  attempt: z.int().nullable(),
  tookMs: z.number().nullable(),
  worker: z.string().nullable(),
  /** What it says in a sentence: an error with its causes, why it was skipped, which check refused it. */
  message: z.string().nullable(),
  payload: Metadata,
})

const LineageNode = z.strictObject({
  id: z.string(),
  asset: z.string(),
  key: z.string(),
  run: z.string().nullable(),
  at: Instant,
  rows: Count,
  status: z.enum(['published', 'superseded', 'removed']),
  isStale: z.boolean(),
})

const Explained: z.ZodType<ExplainedClause> = z.lazy(() =>
  z.strictObject({
    clause: z.string(),
    asset: z.string(),
    trueOf: Count,
    of: Count,
    partitions: z.string(),
    parts: z.array(Explained),
  }),
)
export interface ExplainedClause {
  clause: string
  asset: string
  trueOf: number
  of: number
  partitions: string
  parts: ExplainedClause[]
}

export const Table = z.strictObject({
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.json())),
  isCut: z.boolean().meta({ description: 'whether the limit cut it short' }),
  tookMs: z.number(),
})

const which = z.strictObject({
  partitions: z
    .string()
    .max(10_000)
    .meta({ description: 'keys or ranges, such as 2024-01-01..2024-01-31,market=BTC-USDT; "all" for all' }),
})

export const assetEndpoints = {
  assets: endpoint({
    about,
    summary: 'The assets, and how they are doing',
    query: z.strictObject({
      selection: z.string().max(2_000).optional().meta({ description: 'in the language of selections; all if absent' }),
      q: z.string().max(200).optional().meta({ description: 'part of a name, group, kind, tag, owner or description' }),
      health: Health.optional(),
      cursor: Cursor,
      limit: limitOf(5_000, 500),
    }),
    answer: pageOf(AssetRow),
    refusals: ['selection.malformed', 'asset.unknown', 'selection.empty'],
  }),
  graph: endpoint({
    about,
    summary: 'The assets of a selection, and what reads what',
    query: z.strictObject({ selection: z.string().max(2_000).optional() }),
    answer: z.strictObject({
      nodes: z.array(
        z.strictObject({
          asset: z.string(),
          layer: z.enum(['bronze', 'silver', 'gold']).nullable(),
          group: z.string(),
          kinds: z.array(z.string()),
          isExternal: z.boolean(),
          isSelected: z.boolean(),
        }),
      ),
      edges: z.array(z.strictObject({ from: z.string(), to: z.string(), mapping: z.string() })),
    }),
    refusals: ['selection.malformed', 'asset.unknown', 'selection.empty'],
  }),
  completeSelection: endpoint({
    about,
    summary: 'What may follow in a selection that is being typed',
    query: z.strictObject({ text: z.string().max(2_000), at: z.coerce.number().int().min(0) }),
    answer: z.strictObject({
      from: Count,
      to: Count,
      options: z.array(z.strictObject({ text: z.string(), about: z.string().nullable() })),
      error: z.string().nullable(),
    }),
  }),
  asset: endpoint({ about, summary: 'One asset', params, answer: AssetDetails, refusals: ['asset.unknown'] }),
  grid: endpoint({
    about,
    summary: 'The statuses of all partitions of an asset, in at most width × height cells',
    params,
    query: gridQuery,
    answer: Grid,
    refusals: ['asset.unknown', 'dimension.unknown'],
  }),
  partitions: endpoint({
    about,
    summary: 'Partitions of an asset, newest first',
    params,
    query: z.strictObject({
      partitions: z.string().max(10_000).optional(),
      status: PartitionStatus.optional(),
      cursor: Cursor,
      limit: limitOf(500, 100),
    }),
    answer: pageOf(PartitionItem),
    refusals: ['asset.unknown'],
  }),
  partition: endpoint({
    about,
    summary: 'One partition: how it is, why, and its versions',
    params,
    query: z.strictObject({ key: Key }),
    answer: PartitionItem.extend({
      error: z.string().nullable(),
      leasedUntil: Instant.nullable(),
      versions: z.array(Materialization),
      attempts: z.array(Event).meta({ description: 'the newest events of it, newest first' }),
    }),
    refusals: ['asset.unknown', 'partition.unknown'],
  }),
  staleness: endpoint({
    about,
    summary: 'How many partitions are stale, and why',
    params,
    answer: z.strictObject({
      stale: Count,
      fresh: Count,
      compared: Count.meta({
        description: 'published partitions that were compared: the newest, where there are many',
      }),
      reasons: z.array(z.strictObject({ why: z.string(), count: Count, partitions: z.string() })),
    }),
    refusals: ['asset.unknown'],
  }),
  materializations: endpoint({
    about,
    summary: 'What was published of an asset, newest first',
    params,
    query: z.strictObject({ cursor: Cursor, limit: limitOf(500, 50) }),
    answer: pageOf(Materialization),
    refusals: ['asset.unknown'],
  }),
  assetEvents: endpoint({
    about,
    summary: 'What happened to an asset, newest first',
    params,
    query: z.strictObject({ type: Event.shape.type.optional(), cursor: Cursor, limit: limitOf(500, 100) }),
    answer: pageOf(Event),
    refusals: ['asset.unknown'],
  }),
  checks: endpoint({
    about,
    summary: 'The checks of an asset: the newest outcome of each, and those before',
    params,
    answer: z.strictObject({
      looked: Count.meta({ description: 'versions that were looked at, the newest; the counts are of these' }),
      items: z.array(
        z.strictObject({
          name: z.string(),
          blocking: z.boolean().nullable(),
          severity: z.string().nullable(),
          failing: Count.meta({ description: 'published partitions on which it failed, among the newest versions' }),
          passing: Count,
          history: z
            .array(
              z.strictObject({
                at: Instant,
                key: z.string(),
                run: z.string(),
                passed: z.boolean(),
                why: z.string().nullable(),
              }),
            )
            .meta({ description: 'newest first' }),
        }),
      ),
    }),
    refusals: ['asset.unknown'],
  }),
  lineage: endpoint({
    about,
    summary: 'What a partition was made from, or what was made from it',
    params,
    query: z.strictObject({
      key: Key,
      direction: z.enum(['up', 'down']).default('up'),
      depth: z.coerce.number().int().min(1).max(20).default(5),
    }),
    answer: z.strictObject({
      nodes: z.array(LineageNode),
      edges: z
        .array(z.strictObject({ from: z.string(), to: z.string(), input: z.string() }))
        .meta({ description: 'by ids of nodes; `from` was read' }),
      hidden: z.array(z.strictObject({ id: z.string(), input: z.string(), more: z.int() })),
    }),
    refusals: ['asset.unknown', 'lineage.unpublished'],
  }),
  preview: endpoint({
    about,
    summary: 'The first rows of what is published',
    params,
    query: z.strictObject({ key: Key.optional(), limit: limitOf(1_000, 50) }),
    answer: Table,
    refusals: ['asset.unknown', 'query.refused'],
  }),
  why: endpoint({
    about,
    summary: 'Why the condition of an asset asks for partitions now, or does not',
    params,
    query: z.strictObject({ key: Key.optional() }),
    answer: z.strictObject({ explained: Explained.nullable().meta({ description: 'null without a condition' }) }),
    refusals: ['asset.unknown'],
  }),
  wipe: endpoint({
    about,
    summary: 'Forget what is published of some partitions; their history stays',
    params,
    body: which,
    answer: z.strictObject({ wiped: Count, held: Count.meta({ description: 'being made, and left as they are' }) }),
    refusals: ['asset.unknown', 'partition.malformed', 'partition.unneeded', 'partition.not-yet'],
  }),
  rollback: endpoint({
    about,
    summary: 'Publish an earlier version again',
    params,
    body: z.strictObject({ key: Key, materialization: z.string().max(100) }),
    answer: z.strictObject({
      outcome: z.enum(['rolled-back', 'current', 'held', 'removed', 'damaged', 'unknown']),
      why: z.string().nullable().meta({ description: 'what is wrong with a damaged file' }),
    }),
    refusals: ['asset.unknown'],
  }),
  dynamicKeys: endpoint({
    about,
    summary: 'The keys of a dynamic dimension',
    params: z.strictObject({ dimension: z.string().max(200) }),
    answer: z.strictObject({ keys: z.array(z.string()) }),
    refusals: ['definition.unknown'],
  }),
  changeKeys: endpoint({
    about,
    summary: 'Add keys to a dynamic dimension, or remove them',
    params: z.strictObject({ dimension: z.string().max(200) }),
    body: z.strictObject({
      add: z.array(z.string().max(200)).max(1_000).default([]),
      remove: z.array(z.string().max(200)).max(1_000).default([]),
    }),
    answer: z.strictObject({ added: z.array(z.string()), removed: z.array(z.string()) }),
    refusals: ['definition.unknown', 'partition.key-invalid'],
  }),
}
