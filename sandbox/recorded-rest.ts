/** Recorded REST answers, given byte for byte to the request they once answered. */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { intervalMs, isInterval } from '../market/interval.ts'

export interface RecordedAnswer {
  readonly name: string
  readonly status: number
  readonly body: Buffer
}

interface Fixture {
  readonly request: { readonly method: string; readonly path: string; readonly query: string }
  readonly http_status: number
  readonly body_file: string
  readonly ccxt: { readonly issued?: readonly string[] } | null
}

/** Finds the recorded answer to a request; the order of the query does not matter. */
export interface RecordedRest {
  readonly answers: number
  find(method: string, path: string, query: URLSearchParams): RecordedAnswer | undefined
}

const suffix = '.fixture.json'

/** Reads the recorded answers of one exchange from `folder`. Throws when there is none. */
export async function recordedRest(folder: string): Promise<RecordedRest> {
  const fixtures = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith(suffix))
  if (fixtures.length === 0) throw new Error(`expected recorded answers in "${folder}", found none`)
  const known = new Map<string, RecordedAnswer>()
  for (const file of fixtures) {
    const fixture = JSON.parse(await readFile(join(folder, file), 'utf8')) as Fixture
    const body = await readFile(join(folder, fixture.body_file))
    const answer = { name: file.slice(0, -suffix.length), status: fixture.http_status, body }
    for (const request of requestsOf(fixture)) {
      known.set(request, answer)
      const bounded = withRedundantEnd(request, body)
      if (bounded) known.set(bounded, answer)
    }
  }
  return { answers: fixtures.length, find: (method, path, query) => known.get(requestKey(method, path, query)) }
}

// What ccxt issues for it; a request that ccxt issues for no unified call is known by its recording alone.
function requestsOf({ request, ccxt }: Fixture): readonly string[] {
  if (ccxt?.issued?.length) {
    return ccxt.issued.map((line) => {
      const [method = '', target = ''] = line.split(' ')
      const [path = '', query] = target.split('?')
      return requestKey(method, path, new URLSearchParams(query))
    })
  }
  return [requestKey(request.method, request.path, new URLSearchParams(request.query))]
}

function requestKey(method: string, path: string, query: URLSearchParams): string {
  const sorted = new URLSearchParams([...query].sort(([a], [b]) => (a < b ? -1 : 1)))
  return `${method} ${path}?${sorted}`
}

// An answer of `limit` rows is also the whole answer up to its last row: asked with that `endTime`, and a `limit` that
// counts the holes too, the exchange would have said the same.
function withRedundantEnd(request: string, body: Buffer): string | undefined {
  const [head = '', text] = request.split('?')
  const query = new URLSearchParams(text)
  const interval = query.get('interval') ?? ''
  if (!head.endsWith('/klines') || !isInterval(interval) || query.has('endTime') || !query.has('startTime')) return
  const rows = JSON.parse(body.toString('utf8')) as readonly (readonly number[])[]
  const end = rows.at(-1)?.[0]
  if (end === undefined || rows.length !== Number(query.get('limit'))) return
  query.set('endTime', String(end))
  query.set('limit', String((end - Number(query.get('startTime'))) / intervalMs(interval) + 1))
  const [method = '', path = ''] = head.split(' ')
  return requestKey(method, path, query)
}
