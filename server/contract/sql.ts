import { z } from 'zod'
import { Table } from './assets.ts'
import { Count, endpoint } from './endpoint.ts'

const about = 'sql'

/** Rows of one file. */
export const mostDownloaded = 1_000_000

const Query = z.strictObject({
  text: z.string().min(1).max(100_000).meta({ description: 'one SELECT; each asset is a view of its name' }),
  at: z.string().max(100).optional().meta({ description: 'an instant or a run: over what was published then' }),
})

export const sqlEndpoints = {
  sqlTables: endpoint({
    about,
    summary: 'What may be selected from',
    answer: z.strictObject({
      items: z.array(
        z.strictObject({
          name: z.string(),
          description: z.string().nullable(),
          layer: z.string().nullable(),
          rows: Count,
          columns: z.array(
            z.strictObject({
              name: z.string(),
              type: z.string(),
              unit: z.string().nullable(),
              description: z.string().nullable(),
            }),
          ),
        }),
      ),
      limits: z.strictObject({ rows: Count, memoryMb: Count, timeoutMs: Count }),
    }),
  }),
  sql: endpoint({
    about,
    summary: 'Answer one SELECT',
    body: Query.extend({ limit: z.int().min(1).max(100_000).default(10_000) }),
    answer: Table,
    refusals: ['query.refused', 'past.removed'],
  }),
  sqlDownload: endpoint({
    about,
    summary: 'Answer one SELECT as a file',
    body: Query.extend({
      format: z.enum(['csv', 'parquet', 'arrow', 'json']),
      limit: z
        .int()
        .min(1)
        .max(mostDownloaded)
        .default(mostDownloaded)
        .meta({ description: 'an answer that is longer than the most there may be is refused, not cut' }),
    }),
    answer: z.any(),
    contentTypes: [
      'text/csv',
      'application/vnd.apache.parquet',
      'application/vnd.apache.arrow.stream',
      'application/json',
    ],
    refusals: ['query.refused', 'past.removed'],
  }),
}
