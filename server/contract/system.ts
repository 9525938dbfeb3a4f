import { z } from 'zod'
import { Count, endpoint, Instant } from './endpoint.ts'

const about = 'system'

const Worker = z.strictObject({
  id: z.string(),
  host: z.string(),
  pid: z.int(),
  role: z.string().nullable(),
  version: z.string().nullable(),
  pools: z.array(z.string()),
  concurrency: z.int().nullable(),
  leads: z.array(z.string()).meta({ description: 'runs' }),
  startedAt: Instant.nullable(),
  silentMs: z.number(),
  differs: z.array(z.string()).meta({ description: 'assets of which it has other code' }),
})

export const systemEndpoints = {
  session: endpoint({
    about: 'session',
    summary: 'Who asks, and the token that changes have to bring along',
    answer: z.strictObject({
      caller: z.string(),
      csrfToken: z.string(),
      expiresAt: Instant.nullable(),
      scopes: z.array(z.string()),
    }),
  }),
  logout: endpoint({ about: 'session', summary: 'End this session', answer: z.strictObject({}) }),
  workers: endpoint({
    about,
    summary: 'The processes that share the store',
    answer: z.strictObject({ items: z.array(Worker) }),
  }),
  system: endpoint({
    about,
    summary: 'Versions, storage, pools, queue and settings',
    answer: z.strictObject({
      name: z.string().meta({ description: 'what this deployment runs' }),
      isSandbox: z.boolean().nullable(),
      now: Instant,
      startedAt: Instant,
      versions: z.record(z.string(), z.string()),
      memory: z.strictObject({ rssBytes: Count, heapBytes: Count }),
      store: z.strictObject({
        kind: z.string(),
        place: z.string(),
        events: Count,
        runs: Count,
        materializations: Count,
        bytes: Count.nullable(),
      }),
      lake: z.strictObject({
        place: z.string(),
        files: Count,
        bytes: Count,
        rows: Count,
        byLayer: z.array(z.strictObject({ layer: z.string(), bytes: Count, rows: Count })),
      }),
      queue: z.strictObject({ kind: z.string(), queuedRuns: Count, runningRuns: Count, runningSteps: Count }),
      pools: z.array(z.strictObject({ pool: z.string(), limit: Count.nullable(), running: Count, assets: Count })),
      settings: z
        .array(z.strictObject({ name: z.string(), value: z.string(), isSecret: z.boolean() }))
        .meta({ description: 'secrets are said to be set, never shown' }),
    }),
  }),
}
