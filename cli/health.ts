import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Config } from '../config.ts'
import type { WriterContext } from './context.ts'
import { print } from './terminal.ts'

/** How long what a process depends on may take to answer. */
const answerMs = 2_000

/**
 * `/health` says that the process lives, `/ready` whether it reaches what it needs (503 if not, and what). Neither tells
 * anything of the data. Not served where no port is configured.
 */
export async function serveHealth(
  config: Config,
  { engine }: Pick<WriterContext, 'engine'>,
): Promise<{ close(): Promise<void> } | undefined> {
  if (!config.health) return undefined
  const { port, host } = config.health
  const server = createServer(async ({ url, method }, answer) => {
    const send = (status: number, body: unknown): void => {
      answer.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      answer.end(`${JSON.stringify(body)}\n`)
    }
    if (method !== 'GET' && method !== 'HEAD') return send(405, { error: 'only GET is answered here' })
    if (url === '/health') return send(200, { status: 'up', worker: engine.worker })
    if (url !== '/ready') return send(404, { error: 'there are /health and /ready' })
    const status = await stateOf(() => engine.check())
    send(status === 'ready' ? 200 : 503, { status, worker: engine.worker })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  print(`health at http://${host}:${(server.address() as AddressInfo).port}/ready`)
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** `ready`, or in a few words what is wrong: an error's text may name hosts and users. */
async function stateOf(ask: () => Promise<unknown>): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const timer = setTimeout(() => resolve('no answer'), answerMs)
  ask().then(
    () => resolve('ready'),
    () => resolve('the store or the queue is out of reach'),
  )
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}
