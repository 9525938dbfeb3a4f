import { z } from 'zod'
import { Cell, Event, Metadata } from './assets.ts'
import { Count, Cursor, endpoint, Instant, limitOf, pageOf } from './endpoint.ts'

const about = 'runs'
const params = z.strictObject({ run: z.string().max(100) })

export const RunStatus = z.enum(['queued', 'running', 'succeeded', 'failed', 'canceled'])
export const StepEnd = z.enum(['published', 'unchanged', 'skipped', 'rejected', 'failed', 'blocked', 'canceled'])

const ByEnd = z.strictObject({
  planned: Count,
  published: Count,
  unchanged: Count,
  skipped: Count,
  rejected: Count,
  failed: Count,
  blocked: Count,
  canceled: Count,
})

export const RunRow = z.strictObject({
  run: z.string(),
  status: RunStatus,
  isCanceling: z.boolean(),
  reason: z.string().meta({ description: 'who asked for it, in words' }),
  tags: z.record(z.string(), z.string()),
  priority: z.number(),
  rerunOf: z.string().nullable(),
  stoppedBecause: z.string().nullable(),
  createdAt: Instant,
  startedAt: Instant.nullable(),
  finishedAt: Instant.nullable(),
  assets: z.array(z.string()).meta({ description: 'the first 20' }),
  assetCount: Count,
  counts: ByEnd,
})

/** What is to be made. */
const Ask = z.strictObject({
  selection: z.string().min(1).max(10_000).meta({ description: 'assets, in the language of selections' }),
  partitions: z
    .string()
    .max(100_000)
    .default('all')
    .meta({ description: 'ranges and keys such as 2024-01-01..2024-01-31,market=BTC-USDT; "all" for all' }),
  mode: z.enum(['needed', 'all', 'missing', 'failed', 'stale']).default('needed'),
  follow: z
    .boolean()
    .default(false)
    .meta({ description: 'choose partitions of the first assets; what reads those follows' }),
  params: z
    .record(z.string(), z.record(z.string(), z.json()))
    .optional()
    .meta({ description: 'by asset, then by name' }),
  priority: z.number().min(-1_000).max(1_000).default(0),
  tags: z.record(z.string().max(100), z.string().max(500)).default({}),
})

const refusals = [
  'selection.malformed',
  'selection.empty',
  'asset.unknown',
  'asset.external',
  'partition.malformed',
  'partition.upstream-nonexistent',
  'params.invalid',
  'params.unexpected',
]

const Attempt = z.strictObject({
  id: Count,
  asset: z.string(),
  key: z.string(),
  end: z.enum(['published', 'unchanged', 'skipped', 'rejected', 'failed', 'canceled']),
  isRetried: z.boolean().meta({ description: 'it failed, and was tried again later' }),
  attempt: z.int().nullable(),
  startedAt: Instant.nullable(),
  endedAt: Instant,
  worker: z.string().nullable(),
  message: z.string().nullable(),
})

export const runEndpoints = {
  plan: endpoint({
    about,
    summary: 'What would be made, in which order and why; changes nothing',
    body: Ask,
    answer: z.strictObject({
      size: Count,
      blocked: Count,
      fresh: Count.meta({ description: 'selected partitions that need nothing' }),
      estimateMs: z.number().nullable().meta({ description: 'by how long such steps took of late; null if none did' }),
      assets: z
        .array(
          z.strictObject({
            asset: z.string(),
            count: Count,
            blocked: Count,
            partitions: z.string().meta({ description: 'in words, at most 300 characters' }),
            stepMs: z.number().nullable(),
            rank: Count.meta({ description: 'made after all of a lower rank that it reads' }),
          }),
        )
        .meta({ description: 'upstream before downstream' }),
      steps: z
        .array(z.strictObject({ asset: z.string(), key: z.string(), why: z.string(), blocked: z.string().nullable() }))
        .meta({ description: 'the first 200' }),
    }),
    refusals,
  }),
  startRun: endpoint({
    about,
    summary: 'Make it',
    body: Ask,
    answer: z.strictObject({ run: z.string(), size: Count }),
    refusals: [...refusals, 'run.nothing'],
  }),
  runs: endpoint({
    about,
    summary: 'Runs, newest first',
    query: z.strictObject({
      status: RunStatus.optional(),
      asset: z.string().max(200).optional(),
      q: z.string().max(200).optional().meta({ description: 'part of its id, its reason or a tag' }),
      from: z.coerce.number().int().optional().meta({ description: 'created at this instant or later; ms' }),
      to: z.coerce.number().int().optional().meta({ description: 'created before this instant; ms' }),
      cursor: Cursor,
      limit: limitOf(200, 50),
    }),
    answer: pageOf(RunRow),
  }),
  run: endpoint({
    about,
    summary: 'One run, and how far it is with each asset',
    params,
    answer: RunRow.extend({
      byAsset: z.array(ByEnd.extend({ asset: z.string() })),
      mode: z.string(),
      partitions: z.string().meta({ description: 'which were asked for, in words' }),
      params: Metadata,
      leader: z.string().nullable(),
      resumes: Count,
      reruns: z.array(RunRow),
      remainingMs: z.number().nullable().meta({ description: 'an estimate, while it runs' }),
      errors: z.array(z.strictObject({ message: z.string(), count: Count, asset: z.string(), key: z.string() })).meta({
        description: 'what failed for good, like with like, most frequent first; with one partition as an example',
      }),
      lastEvent: Count,
    }),
    refusals: ['run.unknown'],
  }),
  runGrid: endpoint({
    about,
    summary: 'What became of each partition of a run, by asset, in at most `width` cells each',
    params,
    query: z.strictObject({ width: z.coerce.number().int().min(1).max(1_000).default(200) }),
    answer: z.strictObject({
      assets: z.array(
        z.strictObject({
          asset: z.string(),
          planned: Count,
          cells: z.array(
            z.strictObject({
              first: z.string(),
              last: z.string(),
              counts: z.array(Count).length(7).meta({
                description: 'published or unchanged, skipped, rejected, failed, blocked, canceled, not ended',
              }),
            }),
          ),
        }),
      ),
    }),
    refusals: ['run.unknown'],
  }),
  runSteps: endpoint({
    about,
    summary: 'Partitions of a run that have ended, newest first',
    params,
    query: z.strictObject({
      asset: z.string().max(200).optional(),
      end: Attempt.shape.end.optional(),
      cursor: Cursor,
      limit: limitOf(500, 100),
    }),
    answer: pageOf(Attempt),
    refusals: ['run.unknown'],
  }),
  runTimeline: endpoint({
    about,
    summary: 'Attempts of a run over time, by worker; of many, those that failed and the longest',
    params,
    query: z.strictObject({ limit: limitOf(5_000, 2_000) }),
    answer: z.strictObject({
      from: Instant,
      to: Instant,
      omitted: Count,
      lanes: z.array(z.strictObject({ worker: z.string(), lane: Count, attempts: z.array(Attempt) })),
      density: z
        .array(z.strictObject({ at: Instant, ended: Count, failed: Count }))
        .meta({ description: 'all of them, in equal stretches of time' }),
    }),
    refusals: ['run.unknown'],
  }),
  runLog: endpoint({
    about,
    summary: 'The log of a run: what its steps said, and what became of them',
    params,
    query: z.strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('debug').meta({ description: 'and above' }),
      asset: z.string().max(200).optional(),
      key: z.string().max(500).optional(),
      q: z.string().max(200).optional(),
      order: z.enum(['oldest', 'newest']).default('oldest'),
      cursor: Cursor,
      limit: limitOf(1_000, 200),
    }),
    answer: pageOf(
      z.strictObject({
        id: z.string(),
        at: Instant,
        level: z.enum(['debug', 'info', 'warn', 'error']),
        asset: z.string(),
        key: z.string(),
        type: Event.shape.type,
        message: z.string(),
        fields: Metadata,
      }),
    ).extend({
      tail: z
        .string()
        .nullable()
        .meta({ description: 'the cursor from which what comes later is read, with order=oldest' }),
    }),
    refusals: ['run.unknown'],
  }),
  cancelRun: endpoint({
    about,
    summary: 'Stop a run',
    params,
    answer: z.strictObject({ isCanceling: z.boolean().meta({ description: 'false: it was finished already' }) }),
    refusals: ['run.unknown'],
  }),
  retryRun: endpoint({
    about,
    summary: 'Run a finished run again',
    params,
    body: z.strictObject({ what: z.enum(['failed', 'all']).default('failed') }),
    answer: z.strictObject({ run: z.string(), size: Count }),
    refusals: ['run.unknown', 'run.unfinished'],
  }),
}

export { Cell }
