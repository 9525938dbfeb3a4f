import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ProxyFault {
  readonly times: number
  /**
   * A status is answered without asking the server. `lost`: the server does it, and the connection is cut in place of its
   * answer. `stalled`: nothing is asked, and nothing ever answered. `unanswered`: the server does it, and nothing is ever
   * answered. `half`: the connection is cut in the middle of the answer's body. `spoilt`: one byte of the body is another.
   */
  readonly answer: number | 'lost' | 'stalled' | 'unanswered' | 'half' | 'spoilt'
  readonly headers?: Readonly<Record<string, string>>
  readonly when?: (request: ProxyRequest) => boolean
}

export interface ProxyRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
}

export interface FaultProxy {
  readonly port: number
  /** In the order of their arrival. */
  readonly requests: readonly (ProxyRequest & { readonly at: number })[]
  fail(fault: ProxyFault): void
  /** Forgets requests and faults. */
  clear(): void
  close(): Promise<void>
}

/** Stands between a client and a server of HTTP on 127.0.0.1, and does to answers what networks do. */
export async function httpFaultProxy(to: number): Promise<FaultProxy> {
  const requests: (ProxyRequest & { readonly at: number })[] = []
  let faults: { fault: ProxyFault; left: number }[] = []
  const faultOf = (ask: ProxyRequest): ProxyFault | undefined => {
    const found = faults.find(({ fault, left }) => left > 0 && (fault.when?.(ask) ?? true))
    if (found) found.left -= 1
    return found?.fault
  }
  const serve = async (from: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const ask = { method: from.method!, path: from.url! }
    requests.push({ ...ask, at: Date.now() })
    const fault = faultOf(ask)
    const chunks: Buffer[] = []
    for await (const chunk of from) chunks.push(chunk)
    if (fault?.answer === 'stalled') return
    if (typeof fault?.answer === 'number') {
      answer.writeHead(fault.answer, { 'x-ms-error-code': 'OnCommand', ...fault.headers }).end()
      return
    }
    const reply = await forward(to, from, Buffer.concat(chunks))
    if (fault?.answer === 'unanswered') return
    if (fault?.answer === 'lost') return void answer.destroy()
    const { body } = reply
    answer.writeHead(reply.status, reply.headers)
    if (fault?.answer === 'half') return void answer.write(body.subarray(0, body.length >> 1), () => answer.destroy())
    if (fault?.answer === 'spoilt') body[body.length >> 1]! ^= 1
    answer.end(body)
  }
  const server = createServer((from, answer) => void serve(from, answer).catch(() => answer.destroy()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    fail: (fault) => void faults.push({ fault, left: fault.times }),
    clear() {
      requests.length = 0
      faults = []
    },
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

function forward(to: number, from: IncomingMessage, body: Buffer) {
  return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>((done, fail) => {
    const options = { host: '127.0.0.1', port: to, method: from.method, path: from.url, headers: from.headers }
    const asked = request(options, async (reply) => {
      const chunks: Buffer[] = []
      for await (const chunk of reply) chunks.push(chunk)
      done({ status: reply.statusCode!, headers: reply.headers, body: Buffer.concat(chunks) })
    })
    asked.on('error', fail)
    asked.end(body)
  })
}
