import { z } from 'zod'
import { AssetPulse, Health } from './assets.ts'
import { Count, endpoint, Instant } from './endpoint.ts'
import { RunRow, RunStatus } from './runs.ts'

const about = 'overview'

export const Throughput = z.strictObject({
  bucketMs: z.int(),
  buckets: z
    .array(z.strictObject({ at: Instant, made: Count, failed: Count, rows: Count }))
    .meta({ description: 'oldest first; `made` counts published and unchanged' }),
})

export const overviewEndpoints = {
  overview: endpoint({
    about,
    summary: 'What is late, failing and running',
    answer: z.strictObject({
      now: Instant,
      assets: z.record(Health, Count),
      partitions: z.strictObject({
        total: Count,
        published: Count,
        missing: Count,
        failed: Count,
        rejected: Count,
        running: Count,
      }),
      rows: Count,
      bytes: Count,
      troubled: z
        .array(AssetPulse.extend({ why: z.string() }))
        .meta({ description: 'failing and late assets, worst first, at most 50' }),
      checks: z.strictObject({
        passed: Count,
        failed: Count,
        newestFailed: z.array(
          z.strictObject({
            asset: z.string(),
            key: z.string(),
            name: z.string(),
            why: z.string().nullable(),
            at: Instant,
          }),
        ),
      }),
      running: z.array(RunRow),
      newest: z.array(RunRow).meta({ description: 'of the ended ones, 10' }),
      lastDay: z.record(RunStatus, Count).meta({ description: 'runs created in the last 24 hours, by status' }),
      nextTicks: z.array(z.strictObject({ name: z.string(), at: Instant, when: z.string() })),
      failedTicks: z.array(z.strictObject({ name: z.string(), at: Instant, note: z.string().nullable() })),
      workers: Count,
    }),
  }),
  throughput: endpoint({
    about,
    summary: 'How many partitions were made and failed over time',
    query: z.strictObject({ hours: z.coerce.number().int().min(1).max(168).default(24) }),
    answer: Throughput,
  }),
}

/** What the stream of changes sends, as event `change`. Everything in it is as of now, not a difference. */
export const Change = z.strictObject({
  at: Instant,
  event: Count.meta({ description: 'number of the newest event taken into account' }),
  assets: z.array(AssetPulse).meta({ description: 'of which something changed' }),
  runs: z.array(RunRow.extend({ lastEvent: Count })).meta({ description: 'that changed, at most 100' }),
  automations: z.array(z.string()).meta({ description: 'names of those that ticked or were switched' }),
  workers: z.boolean().meta({ description: 'whether workers came or went' }),
})
export type Change = z.output<typeof Change>
