import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { contract } from '../contract/contract.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import type { EndpointName } from '../contract/paths.ts'
import { paths } from '../contract/paths.ts'
import { handlers as usual } from '../handlers/handlers.ts'
import type { Call, FileAnswer, Served } from '../served.ts'
import { Refusal } from '../served.ts'
import { answersOf } from './openapi.ts'

export const root = '/api/v1'

export type AllHandlers = typeof usual

/** Answers what an endpoint was asked: parsed, and by a caller who may. */
export type Answers = (asked: never, call: Call, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

/** Answers to queries at once: each may take a core and its memory limit. */
const mostQueries = 3
/** These read few rows, and end soon. */
const mostPreviews = 8

/** Every endpoint of the contract, at its path. `own`: what the server itself answers. */
export function addEndpoints(
  app: FastifyInstance,
  served: Served,
  own: Readonly<Partial<Record<EndpointName, Answers>>>,
  handlers: AllHandlers = usual,
): void {
  const queries = atMost(mostQueries)
  const limits: Limits = { sql: queries, sqlDownload: queries, preview: atMost(mostPreviews) }
  for (const name of Object.keys(paths) as EndpointName[]) {
    const handler = handlers[name as keyof typeof handlers]
    const answer: Answers =
      own[name] ?? (handler ? (asked, call) => handler(served, asked, call) : async () => refuseAbsent(name))
    const limit = limits[name]
    addEndpoint(app, name, limit ? (...asked) => limit(() => answer(...asked)) : answer)
  }
}

function addEndpoint(app: FastifyInstance, name: EndpointName, answer: Answers): void {
  const [method, path] = paths[name].split(' ') as ['GET' | 'POST', string]
  const one: Endpoint = contract[name]
  app.route({
    method,
    url: `${root}${path}`,
    config: { endpoint: name },
    schema: {
      operationId: name,
      tags: [one.about],
      summary: one.summary,
      params: one.params,
      querystring: one.query,
      // A body may be left out where none is asked for.
      ...(method === 'POST' && { body: one.body instanceof z.ZodUndefined ? noBody : one.body }),
      response: answersOf(name, one),
    },
    async handler(request, reply) {
      const asked = { ...(request.params as object), ...(request.query as object), ...(request.body as object) }
      const call: Call = { signal: goneSignal(reply), caller: request.caller?.name ?? '' }
      const answered = await answer(asked as never, call, request, reply)
      if (one.contentTypes) return sendFile(reply, answered as FileAnswer)
      reply.type('application/json; charset=utf-8')
      if (method === 'GET') reply.header('cache-control', 'private, no-cache')
      return reply.send(answered)
    },
  })
}

const noBody = z.strictObject({}).optional()

/** Aborts when the client goes away before it has its answer. */
function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort()
  })
  return gone.signal
}

function sendFile(reply: FastifyReply, { contentType, fileName, bytes }: FileAnswer): FastifyReply {
  return reply
    .type(contentType)
    .header('content-disposition', `attachment; filename="${fileName.replace(/[^\w.-]/g, '_')}"`)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}

function refuseAbsent(name: EndpointName): never {
  throw new Refusal(501, 'not.here', `this server does not answer "${name}" yet`)
}

type Limits = Readonly<Partial<Record<EndpointName, ReturnType<typeof atMost>>>>

/** Refuses instead of queueing: who waits for a slow query asks again by themselves. */
function atMost(most: number) {
  let running = 0
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= most) {
      throw new Refusal(503, 'sql.busy', `${most} queries are being answered; ask again when one is done`)
    }
    running++
    try {
      return await work()
    } finally {
      running--
    }
  }
}
