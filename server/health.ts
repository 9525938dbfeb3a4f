import type { Door } from './serve-http.ts'

/** How long what a process depends on may take to answer. */
const answerMs = 2_000

/**
 * `/health` says that the process lives, `/ready` whether it reaches what it needs (503 if not, and what). Neither tells
 * anything of the data.
 */
export const healthDoor =
  (on: { readonly check: () => Promise<unknown>; readonly about?: Readonly<Record<string, string>> }): Door =>
  async ({ pathname }) => {
    if (pathname === '/health') return { status: 200, body: { status: 'up', ...on.about } }
    if (pathname !== '/ready') return undefined
    const status = await stateOf(on.check)
    return { status: status === 'ready' ? 200 : 503, body: { status, ...on.about } }
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
