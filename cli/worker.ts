import { nearest } from '#pipeline'
import { BadInput } from '../config.ts'
import type { HealthServer } from '../server/http/open-health.ts'
import type { GlobalOptions } from './context.ts'
import { configOf, openWriter } from './context.ts'
import { serveHealth } from './health.ts'
import { stopOnSignals } from './stop-on-signals.ts'
import { counted, instant, print } from './terminal.ts'

/** `bullion worker`: takes steps from the queue and makes them, until it is told to stop. */
export async function worker(
  options: GlobalOptions & { readonly pools?: string; readonly concurrency?: string },
): Promise<void> {
  const config = configOf()
  if (config.queue === undefined) {
    throw new BadInput(
      'there is no queue to take steps from; set "BULLION_QUEUE" to a Redis or PostgreSQL URL, or use: bullion up',
    )
  }
  const concurrency = options.concurrency === undefined ? config.concurrency : Number(options.concurrency)
  const pools = options.pools?.split(',').map((pool) => (pool.trim() === 'default' ? '' : pool.trim()))
  const context = await openWriter(options, { role: 'worker', pools, concurrency })
  const stopping = stopOnSignals(context)
  let health: HealthServer | undefined
  try {
    refuseUnknownPools(pools ?? [], Object.keys(context.definitions.pools))
    health = await serveHealth(config, context)
    const named = (pools ?? ['', ...Object.keys(context.definitions.pools)]).map((pool) => pool || 'default').join(', ')
    print(
      `${instant(Date.now())}  worker ${context.engine.worker} takes steps of ${named}: ${concurrency} at once of each`,
    )
    await stopping.asked
    print(`${instant(Date.now())}  stopping: what runs has ${counted(config.graceMs / 1_000, 'second')} to end`)
  } finally {
    await context.close()
    await health?.close()
    stopping.forget()
  }
}

function refuseUnknownPools(asked: readonly string[], known: readonly string[]): void {
  for (const pool of asked) {
    if (pool === '' || known.includes(pool)) continue
    const near = nearest(pool, known)
    throw new BadInput(
      `no pool is called "${pool}"${near ? `; did you mean "${near}"?` : `; there are ${['default', ...known].join(', ')}`}`,
    )
  }
}
