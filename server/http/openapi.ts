import fastifySwagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { AssetPulse, AssetRow } from '../contract/assets.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import { Problem } from '../contract/endpoint.ts'
import { Change } from '../contract/overview.ts'
import type { EndpointName } from '../contract/paths.ts'
import { paths } from '../contract/paths.ts'
import { RunRow } from '../contract/runs.ts'
import { statusOf } from './problem.ts'

export interface OpenApi {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
  readonly tags: readonly { readonly name: string; readonly description?: string }[]
}

export type Schema = { readonly [keyword: string]: any }

export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly parameters?: readonly {
    readonly in: string
    readonly name: string
    readonly required?: boolean
    readonly description?: string
    readonly schema: Schema
  }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly responses: Readonly<
    Record<
      string,
      { readonly description: string; readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }
    >
  >
}

/** Schemas that have a name in the document. */
const named = { Problem, RunRow, AssetRow, AssetPulse, Change }

for (const [id, schema] of Object.entries(named)) z.globalRegistry.add(schema, { ...schema.meta(), id })

/** Makes the document from what is registered after it. */
export async function addOpenApi(app: FastifyInstance, about: { readonly version: string }): Promise<void> {
  const toSchemas = createJsonSchemaTransformObject({})
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Bullion',
        version: about.version,
        description:
          'What the pages of Bullion are made of. Instants are ms since 1970 UTC; ranges hold their start and not their end. ' +
          'Lists are paged: `next` of a page is the `cursor` of the one after it; a page may hold none, and still be followed by others. ' +
          'GET answers bear an ETag.',
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'of `bullion token`' },
          session: { type: 'apiKey', in: 'cookie', name: 'bullion-…', description: 'of `bullion link`, for browsers' },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
    transform: describeRoute,
    transformObject: (given) => tidy(toSchemas(given) as unknown as OpenApi) as never,
  })
}

/** What an endpoint answers, by status. */
export function answersOf(name: EndpointName, one: Endpoint): Readonly<Record<number, unknown>> {
  const isChange = paths[name].startsWith('POST ')
  const answered = Object.fromEntries(
    (one.contentTypes ?? ['application/json']).map((type) => [type, { schema: one.answer }]),
  )
  return {
    200: { description: 'the answer', content: answered },
    ...problemAnswers([
      ...(isChange ? ['csrf.missing', 'read-only', 'body.too-large', 'body.not-json'] : []),
      ...(['sql', 'sqlDownload', 'preview'].includes(name) ? ['sql.busy'] : []),
      ...(one.refusals ?? []),
    ]),
  }
}

const usualCodes = [
  ...['request.invalid', 'caller.unknown', 'host.unknown', 'site.other', 'origin.other', 'scope.missing'],
  ...['rate.exceeded', 'internal', 'not.here', 'store.unreachable'],
]

/** What any request may be refused with, and what this one may besides, by status. */
export function problemAnswers(codes: readonly string[]): Readonly<Record<number, unknown>> {
  return Object.fromEntries(
    [...Map.groupBy([...usualCodes, ...codes], statusOf)].map(([status, some]) => [
      status,
      {
        description: some.map((code) => `\`${code}\``).join(', '),
        content: { 'application/json': { schema: Problem } },
      },
    ]),
  )
}

const describe = createJsonSchemaTransform({})

/** `z.json()` is told as a schema that refers to itself, from where it stands and not from the document: any JSON will do. */
function describeRoute(given: Parameters<typeof describe>[0]): ReturnType<typeof describe> {
  const { schema, url } = describe(given)
  return { schema: replaced(schema), url } as ReturnType<typeof describe>
}

const replaced = (schema: unknown): unknown =>
  JSON.parse(JSON.stringify(schema ?? null), (_, value) => {
    if (typeof value?.$ref === 'string' && /\$defs|\/schema\d+$/.test(value.$ref)) return { description: 'any JSON' }
    if (value !== null && typeof value === 'object') delete value.$defs
    return value
  }) ?? undefined

/** Without what nothing refers to, and without bodies that hold nothing. */
function tidy(document: OpenApi): OpenApi {
  const { schemas } = replaced(document.components) as OpenApi['components']
  const paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, methods]) => [
      path,
      Object.fromEntries(Object.entries(methods).map(([method, one]) => [method, withoutEmptyBody(one)])),
    ]),
  )
  const used = new Set<string>()
  const note = (text: string): void => {
    for (const [, id] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (used.has(id!)) continue
      used.add(id!)
      note(JSON.stringify(schemas[id!] ?? {}))
    }
  }
  note(JSON.stringify(paths))
  const kept = Object.entries(schemas).filter(([id]) => used.has(id))
  return { ...document, paths, components: { ...document.components, schemas: Object.fromEntries(kept) } }
}

function withoutEmptyBody({ requestBody, ...operation }: Operation): Operation {
  const [content] = Object.values(requestBody?.content ?? {})
  const isEmpty = !content || Object.keys(content.schema.properties ?? {}).length === 0
  return { ...operation, ...(requestBody && !isEmpty && { requestBody }) }
}
