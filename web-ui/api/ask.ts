import type { Answer, Given } from '../../server/contract/contract.ts'
import type { EndpointName } from '../../server/contract/paths.ts'
import { paths } from '../../server/contract/paths.ts'

/** What the server refused, in its own words. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly code: string
  readonly status: number

  constructor(status: number, code: string, message: string) {
    super(message)
    this.code = code
    this.status = status
  }
}

/** Whether what was asked for is not there, rather than out of reach. */
export const isUnknown = (error: unknown): error is Refused => error instanceof Refused && error.status === 404

let csrfToken: Promise<string> | undefined

/** Asks an endpoint of the contract; what is no part of its path goes into the query, or into the body of a POST. Throws `Refused`. */
export async function ask<Name extends EndpointName>(
  name: Name,
  given: Given<Name>,
  signal?: AbortSignal,
): Promise<Answer<Name>> {
  const response = await send(name, given as Readonly<Record<string, unknown>>, signal)
  return (await response.json()) as Answer<Name>
}

/** Asks an endpoint that answers a file, and gives it to the person as a download. Throws `Refused`. */
export async function download<Name extends EndpointName>(
  name: Name,
  given: Given<Name>,
  fileName: string,
  signal?: AbortSignal,
): Promise<void> {
  const response = await send(name, given as Readonly<Record<string, unknown>>, signal)
  const url = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  URL.revokeObjectURL(url)
}

async function send(
  name: EndpointName,
  given: Readonly<Record<string, unknown>>,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const [method, path] = paths[name].split(' ') as ['GET' | 'POST', string]
  const rest = { ...given }
  const filled = path.replaceAll(/:(\w+)/g, (_, part: string) => {
    const value = encodeURIComponent(String(rest[part]))
    delete rest[part]
    return value
  })
  const url = `/api/v1${filled}${method === 'GET' ? queryOf(rest) : ''}`
  const isChange = method === 'POST'
  const response = await reach(url, {
    method,
    ...(signal && { signal }),
    headers: {
      accept: 'application/json, */*',
      ...(isChange && { 'content-type': 'application/json', 'x-csrf-token': await token() }),
    },
    ...(isChange && { body: JSON.stringify(rest) }),
  })
  if (!response.ok) throw await refusalOf(response)
  return response
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new Refused(0, 'unreachable', 'the server does not answer; is "bullion serve" still running?')
  }
}

/** The key of the one partition of an asset that is not cut, and a selection of which nothing was typed yet. */
const mayBeEmpty: ReadonlySet<string> = new Set(['key', 'text'])

function queryOf(given: Readonly<Record<string, unknown>>): string {
  const said = Object.entries(given).filter(
    ([name, value]) => value !== undefined && value !== null && (value !== '' || mayBeEmpty.has(name)),
  )
  return said.length === 0
    ? ''
    : `?${new URLSearchParams(said.map(([name, value]): [string, string] => [name, String(value)]))}`
}

async function refusalOf(response: Response): Promise<Refused> {
  const said: unknown = await response.json().catch(() => undefined)
  const { code, message } = (said as { error?: { code?: string; message?: string } } | undefined)?.error ?? {}
  if (response.status === 403) csrfToken = undefined
  return new Refused(response.status, code ?? 'unknown', message ?? `the server answered ${response.status}`)
}

/** Changes have to bring it along; one a page. */
function token(): Promise<string> {
  csrfToken ??= ask('session', {}).then((session) => session.csrfToken)
  csrfToken.catch(() => {
    csrfToken = undefined
  })
  return csrfToken
}
