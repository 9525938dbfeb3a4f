import type { Socket } from 'node:net'
import fastifyCookie from '@fastify/cookie'
import type { FastifyInstance } from 'fastify'
import fastify from 'fastify'
import { createSerializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { strictHeaders } from './headers.ts'
import { readJson } from './json-body.ts'
import { problem, problemOf, unknownPath } from './problem.ts'

const bodyBytes = 1_048_576
const headerBytes = 16_384

/** A server without any path: what it accepts, and how it refuses. */
export function openApp(on: {
  /** Hears of what went wrong here; the caller does not. */
  readonly onTrouble: (error: unknown) => void
  /** Whether each answer is held against the contract; it costs more than the answer. */
  readonly checksAnswers?: boolean | undefined
}): FastifyInstance {
  const app = fastify({
    bodyLimit: bodyBytes,
    // How long a request may take to arrive; an answer takes as long as it does.
    requestTimeout: 30_000,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    http: { maxHeaderSize: headerBytes, headersTimeout: 20_000 },
    routerOptions: { maxParamLength: 1_000, ignoreTrailingSlash: false, caseSensitive: true },
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: (error, _, reply) => {
      const told = JSON.stringify(problemOf(error).problem)
      const headers = { ...strictHeaders, 'content-type': 'application/json; charset=utf-8' }
      reply.hijack().raw.writeHead(problemOf(error).problem.error.status, headers).end(told)
    },
  })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(on.checksAnswers ? createSerializerCompiler() : () => (data) => JSON.stringify(data))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(/^application\/json\b/i, { parseAs: 'string' }, async (_: unknown, text: string) =>
    readJson(text),
  )
  app.addHook('onRequest', async (_, reply) => {
    reply.headers(strictHeaders)
  })
  app.setErrorHandler((error, _, reply) => {
    const { problem: told, isOurs } = problemOf(error)
    // Who went away is told nothing; what broke off because of that is nobody's trouble.
    if (isOurs && !reply.raw.destroyed) on.onTrouble(error)
    const { status, code } = told.error
    if (code === 'sql.busy' || code === 'live.full') reply.header('retry-after', '1')
    reply.code(status).type('application/json; charset=utf-8').removeHeader('content-disposition')
    return reply.serializer(JSON.stringify).send(told)
  })
  app.setNotFoundHandler(({ url }) => {
    throw unknownPath(url)
  })
  app.register(fastifyCookie)
  return app
}

const closeMs = 2_000

/** Answers under way may end; who then still holds a connection open is not waited for. */
export async function closeApp(app: FastifyInstance): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), closeMs)
  try {
    await app.close()
  } finally {
    clearTimeout(timer)
  }
}

/** What can not even be read as a request. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const [status, words, code, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ([
          431,
          'Request Header Fields Too Large',
          'headers.too-large',
          'the path and the headers are larger than 16 kB',
        ] as const)
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ([408, 'Request Timeout', 'request.slow', 'the request took too long to arrive'] as const)
        : ([400, 'Bad Request', 'request.invalid', 'the request can not be read'] as const)
  const body = JSON.stringify(problem(status, code, message))
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${status} ${words}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    )
  }
  socket.destroySoon()
}
