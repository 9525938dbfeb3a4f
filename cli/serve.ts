import { apiDoor } from '../server/api.ts'
import { healthDoor } from '../server/health.ts'
import { serveHttp } from '../server/serve-http.ts'
import type { GlobalOptions } from './context.ts'
import { openReader } from './context.ts'
import { stopOnSignals } from './stop-on-signals.ts'
import { print } from './terminal.ts'

/** It can not tell who asks yet: whoever may use this machine may look, and nobody else. */
const host = '127.0.0.1'

/** `bullion serve`: what the store knows, over HTTP, until it is told to stop. */
export async function serve(options: GlobalOptions & { readonly port: number }): Promise<void> {
  const context = await openReader(options)
  const stopping = stopOnSignals(context)
  try {
    const server = await serveHttp({
      ...{ host, port: options.port },
      doors: [healthDoor({ check: () => context.store.now() }), apiDoor(context)],
      onTrouble: (error) => process.stderr.write(`${error instanceof Error ? error.message : error}\n`),
    })
    print(`http://${host}:${server.port}`)
    await stopping.asked
    await server.close()
  } finally {
    await context.close()
    stopping.forget()
  }
}
