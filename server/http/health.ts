import type { FastifyInstance } from 'fastify'

/** How long what a process depends on may take to answer. */
const answerMs = 2_000

export interface Checked {
  /** Throws if what the process depends on is out of reach. */
  readonly check: () => Promise<unknown>
  readonly about?: Readonly<Record<string, string>>
}

/**
 * `/health` says that the process lives, `/ready` whether it reaches what it needs (503 if not, and what). Neither tells
 * anything of the data.
 */
export function addHealth(app: FastifyInstance, { check, about }: Checked): void {
  const open = { config: { door: 'open' as const }, schema: { hide: true } }
  app.get('/health', open, async () => ({ status: 'up', ...about }))
  app.get('/ready', open, async (_, reply) => {
    const status = await stateOf(check)
    return reply.code(status === 'ready' ? 200 : 503).send({ status, ...about })
  })
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
