import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { paths } from '../../../server/contract/paths.ts'
import { handlers } from '../../../server/handlers/handlers.ts'
import type { OpenApi, Operation, Schema } from '../../../server/http/openapi.ts'
import type { Words } from './arbitrary-of.ts'
import { arbitraryOf } from './arbitrary-of.ts'
import type { Door, Told } from './open-door.ts'
import { openDoor } from './open-door.ts'

interface Place {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}

async function documented(door: Door): Promise<{ readonly document: OpenApi; readonly places: readonly Place[] }> {
  const document = (await door.call('/openapi.json')).body as OpenApi
  const places = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  return { document, places }
}

const filled = (path: string) => path.replace(/\{\w+\}/g, 'x')

test('the document tells of every endpoint of the contract, at its path and by its name', async () => {
  const { document, places } = await documented(await openDoor())

  const told = places.map(({ operation: { operationId }, method, path }) => [
    operationId,
    `${method} ${path.replace('/api/v1', '').replace(/\{(\w+)\}/g, ':$1')}`,
  ])
  expect(document.openapi).toBe('3.1.0')
  expect(Object.fromEntries(told)).toEqual({ ...paths, live: 'GET /live' })
  for (const { operation } of places) {
    expect(operation.summary).not.toBe('')
    expect(operation.tags).toHaveLength(1)
    for (const status of ['200', '400', '401', '403', '429', '500']) expect(operation.responses).toHaveProperty(status)
  }
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref!.split('/').at(-1))
  expect(new Set(refs)).toEqual(new Set(Object.keys(document.components.schemas)))
})

test('every endpoint of the document is closed to who is not known, and to other sites', async () => {
  const door = await openDoor()
  const { places } = await documented(door)
  const { cookie } = await door.logIn()

  for (const { path, method } of places) {
    const on = { method, ...(method === 'POST' && { body: {} }) }
    const where = `${method} ${path}`
    expect((await door.ask(filled(path), on)).body.error, where).toMatchObject({ code: 'caller.unknown', status: 401 })
    const elsewhere = { ...on, headers: { cookie, 'sec-fetch-site': 'cross-site' } }
    expect((await door.ask(filled(path), elsewhere)).body.error, where).toMatchObject({
      code: 'site.other',
      status: 403,
    })
    if (method === 'GET') continue
    expect((await door.ask(filled(path), { ...on, headers: { cookie } })).body.error, where).toMatchObject({
      ...{ code: 'csrf.missing', status: 403 },
    })
  }
})

test('the page of the documentation tells of every endpoint, without any script', async () => {
  const door = await openDoor()
  const { places } = await documented(door)

  const { text, headers } = await door.call('/docs')

  for (const { path, operation } of places) {
    expect(text).toContain(`<article id="${operation.operationId}">`)
    expect(text).toContain(`<code>${path}</code>`)
  }
  expect(text).toContain(`curl -H &#34;authorization: Bearer $TOKEN&#34; &#39;${door.server.url}/api/v1/runs&#39;`)
  expect(text).not.toMatch(/<script|<style| style=| on\w+=|javascript:/)
  expect(text).not.toMatch(/undefined|\[object/)
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
})

const selections = ['*', 'prices', '+totals', 'prices+', 'layer:bronze', 'prices and not (', 'nothing_of_this']
const keys = ['date=2024-01-01', 'date=2024-01-02', 'date=2024-01-01/shop=north', 'date=9999-12-31', 'shop=x', '']
const spans = [
  'all',
  '2024-01-01',
  '2024-01-01..2024-01-02',
  'date=2024-01-01',
  'date=2024-01-03..2024-01-01',
  '2024-13-45',
]

/** Texts that mean something to the definitions of the test, and some that mean trouble elsewhere. */
const wordsOf =
  (runs: readonly string[]): Words =>
  (name) => {
    const known: Readonly<Record<string, readonly string[]>> = {
      asset: ['prices', 'prices', 'totals', 'visits', 'rates', 'prices+'],
      name: ['nightly', 'watch', 'prices'],
      dimension: ['shop', 'shops', 'date'],
      run: runs,
      to: [...runs, '2024-01-01T00:00:00Z', '2030-01-01', 'x'],
      at: [...runs, '2030-01-01T00:00:00Z', 'now'],
      selection: selections,
      q: [...selections, 'test', 'pri'],
      key: keys,
      keys: ['north', 'south', 'a/b'],
      partitions: spans,
      text: ['select * from prices', 'select 1', 'drop table prices'],
      interval: ['1m', '1d', 'x'],
      market: ['BTC-USDT'],
      columns: ['date'],
      rows: ['shop'],
      cursor: [],
    }
    return (
      known[name] ?? ['prices', '', ' ', '%', "'", '\u0000', '🪙', 'constructor', '__proto__', '../..', 'null', '-1']
    )
  }

describe('whatever is asked, the answer is one that the document tells of', () => {
  const runs = 60

  test.each(Object.keys(paths))('%s', async (name) => {
    const door = await openDoor()
    const { document, places } = await documented(door)
    const place = places.find(({ operation }) => operation.operationId === name)!
    const answers = schemasOf(place, document)
    // Until somebody answers it.
    const isAbsent = !(name in handlers) && name !== 'session' && name !== 'logout'

    const told = fc.asyncProperty(requestOf(place, document, wordsOf(door.runs)), async ({ path, body }) => {
      const answer = await door.call(path, {
        method: place.method,
        ...(place.method === 'POST' && { headers: json, body }),
      })
      checkAnswer(answer, answers)
      if (answer.status >= 500) expect([answer.status, isAbsent, door.troubles]).toEqual([501, true, []])
    })

    await fc.assert(told, { numRuns: name === 'logout' ? 1 : runs })
    expect(door.troubles).toEqual([])
  })
})

const json = { 'content-type': 'application/json' }

/** Requests as the document tells of them, and such with something wrong. */
function requestOf({ path, operation }: Place, document: OpenApi, words: Words) {
  const { parameters = [], requestBody } = operation
  const schema = Object.values(requestBody?.content ?? {})[0]?.schema
  const given = fc.record(
    Object.fromEntries(
      parameters.map(({ name, schema: one }) => [
        name,
        name === 'cursor' ? rarely(arbitraryOf(one, document, words, name)) : arbitraryOf(one, document, words, name),
      ]),
    ),
    { requiredKeys: parameters.filter(({ required }) => required).map(({ name }) => name) },
  )
  const body = schema ? arbitraryOf(schema, document, words) : fc.constant({})
  const wrongBody = fc.oneof(
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc.string(),
    body.map((value) => JSON.stringify({ ...(value as object), more: 1 })),
    fc.tuple(body, fc.nat(), fc.jsonValue()).map(([value, at, other]) => JSON.stringify(spoiled(value, at, other))),
  )
  const wrongQuery = fc.tuple(
    fc.oneof(fc.constantFrom(...parameters.map(({ name }) => name), 'more'), fc.string()),
    fc.string(),
  )
  return fc
    .record({
      given,
      body: fc.oneof({ arbitrary: body.map((value) => JSON.stringify(value)), weight: 4 }, wrongBody),
      more: fc.oneof({ arbitrary: fc.constant(null), weight: 5 }, wrongQuery),
    })
    .map(({ given: values, body: text, more }) => ({
      path: urlOf(path, parameters, values, more ?? undefined),
      body: text,
    }))
}

const rarely = (one: fc.Arbitrary<unknown>) => fc.oneof({ arbitrary: fc.constant(undefined), weight: 5 }, one)

/** One property is something else. */
function spoiled(value: unknown, at: number, other: unknown): unknown {
  const names = Object.keys(value as object)
  return names.length === 0 ? other : { ...(value as object), [names[at % names.length]!]: other }
}

function urlOf(
  path: string,
  parameters: NonNullable<Operation['parameters']>,
  values: Readonly<Record<string, unknown>>,
  more: readonly [string, string] | undefined,
): string {
  const query = parameters
    .filter(({ in: where, name }) => where === 'query' && values[name] !== undefined)
    .map(({ name }) => [name, String(values[name])] as const)
  const all = new URLSearchParams(
    [...query, ...(more ? [more] : [])].map(([name, value]): [string, string] => [name, value]),
  )
  const filledIn = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(wellFormed(String(values[name]))))
  return `${filledIn}${all.size === 0 ? '' : `?${all}`}`
}

const wellFormed = (text: string) => text.toWellFormed()

/** What the document says is answered, by status and type, as something that checks it. */
function schemasOf({ operation }: Place, document: OpenApi): ReadonlyMap<string, z.ZodType | undefined> {
  const inside = (schema: Schema): Schema =>
    JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', '#/$defs/'))
  const $defs = inside(document.components.schemas)
  return new Map(
    Object.entries(operation.responses).flatMap(([status, { content = {} }]) =>
      Object.entries(content).map(([type, { schema }]) => [
        `${status} ${type}`,
        type === 'application/json' ? z.fromJSONSchema({ ...inside(schema), $defs } as never) : undefined,
      ]),
    ),
  )
}

function checkAnswer({ status, headers, body }: Told, answers: ReadonlyMap<string, z.ZodType | undefined>): void {
  const [type] = (headers['content-type'] ?? '').split(';')
  const key = `${status} ${type}`
  expect([...answers.keys()]).toContain(key)
  const checked = answers.get(key)?.safeParse(body)
  if (checked && !checked.success) throw new Error(`${key}: ${z.prettifyError(checked.error)}\n${JSON.stringify(body)}`)
  if (status >= 400) expect(body.error.status).toBe(status)
}
