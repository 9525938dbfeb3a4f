import { hash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'

/**
 * A tag of what is answered, so that who has it already is sent nothing (304). Weak, since the same answer is sent
 * compressed or not.
 */
export function addEtags(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const isAnswer = request.method === 'GET' || request.method === 'HEAD'
    if (!isAnswer || reply.statusCode !== 200 || reply.hasHeader('etag')) return payload
    if (reply.getHeader('cache-control') === 'no-store') return payload
    if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload
    const tag = `W/"${hash('sha256', payload, 'base64url')}"`
    reply.header('etag', tag)
    if (!isNamed(request.headers['if-none-match'], tag)) return payload
    reply.code(304).removeHeader('content-type').removeHeader('content-length')
    return null
  })
}

function isNamed(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  const opaque = tag.slice(2)
  return header.split(',').some((one) => ['*', opaque].includes(one.trim().replace(/^W\//, '')))
}
