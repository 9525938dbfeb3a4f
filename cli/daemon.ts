import type { Wake } from '#pipeline'
import { bullmqWake } from '#pipeline'
import type { HealthServer } from '../server/http/open-health.ts'
import type { GlobalOptions } from './context.ts'
import { configOf, openWriter } from './context.ts'
import { serveHealth } from './health.ts'
import { queuePrefix } from './queue-prefix.ts'
import { stay } from './stay.ts'
import { stopOnSignals } from './stop-on-signals.ts'
import { instant, print } from './terminal.ts'

/** How often the store is looked at: of all daemons by one. */
const everyMs = 1_000

/** `bullion daemon`: decides ticks and leads runs, until it is told to stop. Any number may share a store. */
export async function daemon(options: GlobalOptions): Promise<void> {
  const config = configOf()
  const context = await openWriter(options, { role: 'daemon' })
  const stopping = stopOnSignals(context)
  let health: HealthServer | undefined
  let wake: Wake | undefined
  try {
    health = await serveHealth(config, context)
    if (config.queue !== undefined) {
      wake = await bullmqWake({ url: config.queue, prefix: await queuePrefix(context.store), everyMs })
    }
    print(`${instant(Date.now())}  daemon ${context.engine.worker}`)
    await stay(context.engine, stopping.asked, { everyMs, ...(wake && { wake }) })
  } finally {
    await wake?.close()
    await context.close()
    await health?.close()
    stopping.forget()
  }
}
