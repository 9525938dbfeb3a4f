import { z } from 'zod'
import { isPipelineError } from '#pipeline'
import type { Queried } from './queries.ts'
import { listAssets, listRuns, listSchedules, listWorkers, runDetails } from './queries.ts'
import type { Answer, Door } from './serve-http.ts'

const nothing = z.strictObject({})
const Page = z.strictObject({ limit: z.coerce.number().int().min(1).max(1_000).default(20) })

interface Route<Query extends z.ZodType = z.ZodType> {
  /** `:id` stands for one part of the path. */
  readonly path: string
  readonly says: string
  readonly query: Query
  readonly answer: (on: Queried, query: z.output<Query>, id: string) => Promise<unknown>
}

const route = <Query extends z.ZodType>(one: Route<Query>): Route => one as unknown as Route

const routes: readonly Route[] = [
  route({ path: '/api/v1/assets', says: 'the assets and how they are doing', query: nothing, answer: listAssets }),
  route({
    path: '/api/v1/runs',
    says: 'the newest runs, ?limit=20',
    query: Page,
    answer: (on, { limit }) => listRuns(on, limit),
  }),
  route({
    path: '/api/v1/runs/:id',
    says: 'one run, and what failed in it',
    query: nothing,
    answer: (on, _, id) => runDetails(on, id),
  }),
  route({
    path: '/api/v1/workers',
    says: 'the processes that share the store',
    query: nothing,
    answer: listWorkers,
  }),
  route({
    path: '/api/v1/schedules',
    says: 'schedules and sensors, with their ticks',
    query: nothing,
    answer: listSchedules,
  }),
]

/** Looks, and changes nothing. What it answers is what the command prints with `--json`. */
export const apiDoor =
  (on: Queried): Door =>
  async ({ pathname, searchParams }, { host = '' }) => {
    if (pathname === '/') return { status: 200, body: contents() }
    for (const { path, query, answer } of routes) {
      const found = idIn(path, pathname)
      if (!found) continue
      // A page of the internet may have its own name lead here; a browser then still says that name.
      if (!isOurName(host)) return refusal(403, `expected this machine's own name in the header "host", got "${host}"`)
      const asked = query.safeParse(Object.fromEntries(searchParams))
      if (!asked.success) return refusal(400, z.prettifyError(asked.error))
      try {
        return { status: 200, body: await answer(on, asked.data, found.id) }
      } catch (error) {
        if (isPipelineError(error, 'run.unknown')) return refusal(404, error.message)
        throw error
      }
    }
    return undefined
  }

function idIn(path: string, pathname: string): { readonly id: string } | undefined {
  if (!path.endsWith('/:id')) return path === pathname ? { id: '' } : undefined
  const [, id] = new RegExp(`^${path.replace(':id', '([\\w-]+)')}$`).exec(pathname) ?? []
  return id === undefined ? undefined : { id }
}

const isOurName = (host: string): boolean => /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host)

const refusal = (status: number, error: string): Answer => ({ status, body: { error } })

const contents = (): string =>
  ['Bullion, to look at. Answers are JSON.', '', ...routes.map(({ path, says }) => `${path.padEnd(20)} ${says}`)]
    .concat(['/health, /ready      whether this process lives, and reaches its store', ''])
    .join('\n')
