import type { FastifyInstance } from 'fastify'
import { unknownPath } from './problem.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** Knows the paths that were added before it by their other methods, too, so that these are told from unknown paths. */
export function addOtherMethods(app: FastifyInstance): void {
  for (const [url, known] of app.knownPaths) {
    const allow = [...known].sort().join(', ')
    app.route({
      method: methods.filter((method) => !known.has(method)),
      url,
      config: { allow },
      schema: { hide: true },
      handler: ({ url: asked }) => {
        throw unknownPath(asked)
      },
    })
  }
}

declare module 'fastify' {
  interface FastifyInstance {
    knownPaths: ReadonlyMap<string, ReadonlySet<string>>
  }
}

/** Takes down which paths there are from now on. */
export function notePaths(app: FastifyInstance): void {
  const paths = new Map<string, Set<string>>()
  app.decorate('knownPaths', paths)
  app.addHook('onRoute', ({ url, method, config }) => {
    if (config?.allow !== undefined) return
    paths.set(url, new Set([...(paths.get(url) ?? []), ...[method].flat()]))
  })
}
