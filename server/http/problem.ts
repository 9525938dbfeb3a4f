import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import type { ErrorCode } from '#pipeline'
import { PipelineError } from '#pipeline'
import type { Problem } from '../contract/endpoint.ts'
import { Refusal } from '../served.ts'

/** What a refusal of the framework is over HTTP; a code that is not here is no caller's mistake. */
const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  'asset.unknown': 404,
  'definition.unknown': 404,
  'run.unknown': 404,
  'lineage.unpublished': 404,
  'asset.external': 409,
  'asset.not-external': 409,
  'run.unfinished': 409,
  'rollback.nothing': 409,
  'past.removed': 410,
  'duration.malformed': 400,
  'metadata.malformed': 400,
  'params.invalid': 400,
  'params.unexpected': 400,
  'partition.key-invalid': 400,
  'partition.malformed': 400,
  'partition.not-yet': 400,
  'partition.reversed': 400,
  'partition.too-far': 400,
  'partition.unknown-dimension': 400,
  'partition.unknown-key': 400,
  'partition.unneeded': 400,
  'partition.upstream-nonexistent': 400,
  'past.malformed': 400,
  'selection.empty': 400,
  'selection.malformed': 400,
  'timezone.unknown': 400,
  'version.malformed': 400,
  'queue.unreachable': 503,
  'store.unreachable': 503,
}

/** What Fastify itself refuses. */
const ofFastify: Readonly<Record<string, readonly [status: number, code: string, message: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'body.too-large', 'the body is larger than 1 MB'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'body.not-json', 'expected a body of content-type "application/json"'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'request.invalid', 'the body is not as long as "content-length" says'],
  FST_STATIC_FORBIDDEN_PATH: [404, 'path.unknown', 'there is nothing at this path'],
  FST_ERR_BAD_URL: [400, 'request.invalid', 'the path can not be read'],
  FST_ERR_ASYNC_CONSTRAINT: [400, 'request.invalid', 'the request can not be read'],
}

const ofRefusals: Readonly<Record<string, number>> = {
  'request.invalid': 400,
  'query.refused': 400,
  'caller.unknown': 401,
  'run.nothing': 409,
  'body.too-large': 413,
  'body.not-json': 415,
  'rate.exceeded': 429,
  internal: 500,
  'not.here': 501,
  'sql.busy': 503,
  'live.full': 503,
  ...Object.fromEntries(
    ['host.unknown', 'site.other', 'origin.other', 'scope.missing', 'csrf.missing', 'read-only'].map((code) => [
      code,
      403,
    ]),
  ),
}

/** The status that a code is documented with. */
export const statusOf = (code: string): number =>
  ofRefusals[code] ?? statuses[code as ErrorCode] ?? (code.endsWith('.unknown') ? 404 : 400)

export const problem = (status: number, code: string, message: string): Problem => ({
  error: { code, message, status },
})

/** What the caller is told of an error; `isOurs`: it is no mistake of theirs, and its text is not for them. */
export function problemOf(error: unknown): { readonly problem: Problem; readonly isOurs: boolean } {
  const told = (status: number, code: string, message: string) => ({
    problem: problem(status, code, message),
    isOurs: false,
  })
  if (error instanceof Refusal) return told(error.status, error.code, error.message)
  if (error instanceof PipelineError) {
    const status = statuses[error.code as ErrorCode]
    if (status !== undefined) return told(status, error.code, error.message)
  }
  if ((error as Error | undefined)?.name === 'QueryRefused') return told(400, 'query.refused', (error as Error).message)
  if (hasZodFastifySchemaValidationErrors(error)) return told(400, 'request.invalid', whatIsWrong(error))
  const { code = '' } = (error ?? {}) as { code?: string }
  const known = ofFastify[code]
  if (known) return told(...known)
  return { problem: problem(500, 'internal', 'something went wrong here; the process says what'), isOurs: true }
}

/** Each thing that is wrong, with the place where it is. */
function whatIsWrong({
  validation,
  validationContext,
}: {
  validation: readonly { readonly instancePath: string; readonly message?: string | undefined }[]
  validationContext?: string | undefined
}): string {
  const where = { querystring: 'query', params: 'path' }[validationContext ?? ''] ?? validationContext ?? 'request'
  return validation
    .slice(0, 5)
    .map(({ instancePath, message }) => {
      const path = instancePath.split('/').filter((part) => part !== '')
      return `${[where, ...path].join('.')}: ${message ?? 'is not valid'}`
    })
    .join('; ')
}

export const unknownPath = (url: string): Refusal =>
  new Refusal(404, 'path.unknown', `there is nothing at "${url.split('?', 1)[0]!.slice(0, 200)}"`)
