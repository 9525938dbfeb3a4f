import { z } from 'zod'
import { Count, endpoint, Instant, limitOf } from './endpoint.ts'

const about = 'markets'

export const marketEndpoints = {
  markets: endpoint({
    about,
    summary: 'Assets that hold candles, with their markets and intervals',
    answer: z.strictObject({
      items: z.array(
        z.strictObject({
          asset: z.string(),
          market: z.string(),
          exchange: z.string().nullable(),
          interval: z.string(),
          intervalMs: z.int(),
          from: Instant.nullable(),
          to: Instant.nullable(),
        }),
      ),
    }),
  }),
  candles: endpoint({
    about,
    summary: 'Candles of one market and interval, oldest first, with the gaps between them',
    query: z.strictObject({
      asset: z.string().max(200),
      market: z.string().max(100),
      interval: z.string().max(10),
      from: z.coerce.number().int().optional().meta({ description: 'ms; the newest if absent' }),
      to: z.coerce.number().int().optional().meta({ description: 'ms; exclusive' }),
      limit: limitOf(5_000, 1_000),
    }),
    answer: z.strictObject({
      intervalMs: z.int(),
      candles: z.array(
        z.strictObject({
          at: Instant,
          open: z.number(),
          high: z.number(),
          low: z.number(),
          close: z.number(),
          volume: z.number(),
          isComplete: z.boolean().meta({ description: 'false: made from fewer candles than it should be' }),
          version: Count.meta({ description: 'index into `versions`' }),
        }),
      ),
      versions: z
        .array(
          z.strictObject({
            key: z.string(),
            materialization: z.string(),
            run: z.string(),
            at: Instant,
            revision: Count.meta({ description: 'how many versions of the partition there were before' }),
            failedChecks: z.array(z.string()),
          }),
        )
        .meta({ description: 'the published partitions that the candles are from' }),
      gaps: z
        .array(z.strictObject({ from: Instant, to: Instant, candles: Count }))
        .meta({ description: 'spans [from, to) without candles' }),
      hasEarlier: z.boolean(),
      hasLater: z.boolean(),
    }),
    refusals: ['asset.unknown', 'market.unknown'],
  }),
}
