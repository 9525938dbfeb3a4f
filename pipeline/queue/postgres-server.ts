import type { SeenParcel } from './broker.ts'
import type { BrokerServer } from './broker-server.ts'
import { unreachable } from './server-url.ts'

/** The schema that BullMQ looks for in a pool that it was given. */
const schema = 'bullmq'

/** PostgreSQL alone, about a tenth as fast as Redis: one pool of connections a process. */
export async function postgresServer(
  url: string,
  on: { readonly prefix: string; readonly queues: number; readonly onTrouble: (error: Error) => void },
): Promise<BrokerServer> {
  const [{ createPostgresBackend, runMigrations }, { default: pg }] = await Promise.all([
    import('bullmq'),
    import('pg'),
  ])
  const connections = new pg.Pool({
    connectionString: url,
    options: `-c search_path=${schema}`,
    keepAlive: true,
    application_name: 'bullion queue',
    // Each queue that is worked on or listened to keeps one to itself.
    max: 2 * on.queues + 6,
  })
  connections.on('error', on.onTrouble)
  try {
    const client = await connections.connect()
    try {
      await runMigrations(client as never, schema)
    } finally {
      client.release()
    }
  } catch (error) {
    await connections.end()
    throw unreachable(url, error)
  }
  let ending: Promise<void> | undefined
  return {
    options: { connection: connections },
    backend: createPostgresBackend,
    nameOf: (queue) => `${on.prefix}-${queue}`,
    async look(queue, ids) {
      const { rows } = await connections.query<SeenRow>(
        `select id, state::text, return_value, failed_reason from job where queue = $1 and id = any($2)`,
        [queue.name, ids],
      )
      return new Map(rows.map((row) => [row.id, seenOf(row)]))
    },
    async remove(queue, ids) {
      const { rows } = await connections.query<{ id: string }>(
        `delete from job where queue = $1 and id = any($2) and state in ('waiting', 'delayed') returning id`,
        [queue.name, ids],
      )
      return new Set(rows.map(({ id }) => id))
    },
    // Nothing tells of it here; whoever waits looks often enough.
    onReturn: () => undefined,
    check: async () => void (await connections.query('select 1')),
    async close(isForced) {
      ending ??= connections.end().catch(on.onTrouble)
      if (!isForced) await ending
    },
  }
}

interface SeenRow {
  readonly id: string
  readonly state: string
  readonly return_value: unknown
  readonly failed_reason: string | null
}

function seenOf({ state, return_value, failed_reason }: SeenRow): SeenParcel {
  if (state === 'completed') return { status: 'done', account: return_value as never }
  if (state === 'failed') return { status: 'failed', error: failed_reason ?? '' }
  return { status: 'under-way' }
}
