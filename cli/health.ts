import type { Config } from '../config.ts'
import { healthDoor } from '../server/health.ts'
import type { HttpServer } from '../server/serve-http.ts'
import { serveHttp } from '../server/serve-http.ts'
import type { WriterContext } from './context.ts'
import { print } from './terminal.ts'

/** Not served where no port is configured. */
export async function serveHealth(
  config: Config,
  { engine }: Pick<WriterContext, 'engine'>,
): Promise<HttpServer | undefined> {
  if (!config.health) return undefined
  const { port, host } = config.health
  const door = healthDoor({ check: () => engine.check(), about: { worker: engine.worker } })
  const server = await serveHttp({ port, host, doors: [door] })
  print(`health at http://${host.includes(':') ? `[${host}]` : host}:${server.port}/ready`)
  return server
}
