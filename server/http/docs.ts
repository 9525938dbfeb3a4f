import type { FastifyInstance } from 'fastify'
import { docsPage } from './docs-page.ts'
import type { OpenApi } from './openapi.ts'

/** `/openapi.json` for programs, `/docs` for people: the same, made once. */
export function addDocs(app: FastifyInstance, about: { readonly name: string; readonly url: () => string }): void {
  let texts: { readonly json: string; readonly page: string } | undefined
  const made = () => {
    if (texts) return texts
    const document = app.swagger() as unknown as OpenApi
    texts = { json: JSON.stringify(document, null, 1), page: docsPage(document, about.name, about.url()) }
    return texts
  }
  const hidden = { hide: true }
  app.get('/openapi.json', { schema: hidden }, async (_, reply) =>
    reply.type('application/json; charset=utf-8').header('cache-control', 'private, no-cache').send(made().json),
  )
  app.get('/docs', { schema: hidden, config: { door: 'page' } }, async (_, reply) =>
    reply.type('text/html; charset=utf-8').header('cache-control', 'private, no-cache').send(made().page),
  )
}
