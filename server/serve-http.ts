import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What is answered; text as it is, everything else as JSON. */
export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Answers a GET, or `undefined` where it knows nothing of the path. */
export type Door = (url: URL, headers: IncomingHttpHeaders) => Promise<Answer | undefined>

export interface HttpServer {
  readonly port: number
  close(): Promise<void>
}

/** The first door that knows a path answers it. `onTrouble` hears of what went wrong behind a door; the caller does not. */
export async function serveHttp(on: {
  readonly host: string
  readonly port: number
  readonly doors: readonly Door[]
  readonly onTrouble?: (error: unknown) => void
}): Promise<HttpServer> {
  const answerTo = async (url: URL, headers: IncomingHttpHeaders): Promise<Answer> => {
    for (const door of on.doors) {
      const answer = await door(url, headers)
      if (answer) return answer
    }
    return { status: 404, body: { error: `there is nothing at "${url.pathname}"` } }
  }
  const server = createServer(async ({ url = '/', method, headers }, reply) => {
    const send = ({ status, body }: Answer): void => {
      const isText = typeof body === 'string'
      reply.writeHead(status, {
        'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        ...(status === 405 && { allow: 'GET, HEAD' }),
      })
      reply.end(isText ? body : `${JSON.stringify(body)}\n`)
    }
    if (method !== 'GET' && method !== 'HEAD')
      return send({ status: 405, body: { error: 'only GET is answered here' } })
    const base = 'http://here'
    if (!URL.canParse(url, base)) return send({ status: 400, body: { error: 'the path can not be read' } })
    try {
      send(await answerTo(new URL(url, base), headers))
    } catch (error) {
      on.onTrouble?.(error)
      send({ status: 500, body: { error: 'something went wrong here; the process says what' } })
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(on.port, on.host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
