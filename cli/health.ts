import type { Config } from '../config.ts'
import type { HealthServer } from '../server/http/open-health.ts'
import { openHealth } from '../server/http/open-health.ts'
import type { WriterContext } from './context.ts'
import { print } from './terminal.ts'

/** Not served where no port is configured. */
export async function serveHealth(
  config: Config,
  { engine }: Pick<WriterContext, 'engine'>,
): Promise<HealthServer | undefined> {
  if (!config.health) return undefined
  const { port, host } = config.health
  const server = await openHealth({
    ...{ port, host, check: () => engine.check(), about: { worker: engine.worker } },
    onTrouble: (error) => process.stderr.write(`${error instanceof Error ? error.message : error}\n`),
  })
  print(`health at http://${host.includes(':') ? `[${host}]` : host}:${server.port}/ready`)
  return server
}
