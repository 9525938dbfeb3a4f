import type { Engine } from '#pipeline'
import type { Answer } from '../../server/contract/contract.ts'
import { contract } from '../../server/contract/contract.ts'
import { handlers } from '../../server/handlers/handlers.ts'
import type { LakeReader } from '../../server/lake-reader.ts'
import type { About, Served } from '../../server/served.ts'

const noLake: LakeReader = {
  catalogue: { name: 'catalogue', description: 'what is published', columns: [] },
  limits: { rows: 100, memoryMb: 100, timeoutMs: 1_000 },
  query: () => Promise.reject(new Error('there is no lake here')),
  download: () => Promise.reject(new Error('there is no lake here')),
  firstRows: () => Promise.reject(new Error('there is no lake here')),
}

/** What is served of an engine, without a lake unless one is given. */
export const servedOf = (engine: Engine, of: { about?: Partial<About>; lake?: Partial<LakeReader> } = {}): Served => ({
  engine,
  lake: { ...noLake, ...of.lake },
  about: {
    ...{ name: 'test', isSandbox: true, version: '1.2.3', startedAt: 1, lakePlace: '/lake', queueKind: 'local' },
    store: { kind: 'sqlite', place: '/home/store.sqlite', bytes: () => 4_096 },
    settings: [],
    ...of.about,
  },
})

/** Asks as a door does: what is asked and what is answered is as the contract says. */
export async function ask<Name extends keyof typeof handlers>(
  served: Served,
  name: Name,
  given: object = {},
): Promise<Answer<Name>> {
  const { params, query, body, answer } = contract[name]
  const shapes = [params, query, body].flatMap((one) => ('shape' in one ? [one.shape] : []))
  const asked = Object.fromEntries(
    shapes.flatMap((shape) =>
      Object.entries(shape).map(([key, schema]) => [key, (schema as typeof params).parse((given as any)[key])]),
    ),
  )
  const handler = handlers[name] as (on: Served, asked: unknown, call: unknown) => Promise<unknown>
  const answered = await handler(served, asked, { signal: new AbortController().signal, caller: 'test' })
  // As it travels: what is no JSON is lost on the way.
  return answer.parse(JSON.parse(JSON.stringify(answered))) as Answer<Name>
}
