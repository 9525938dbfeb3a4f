import { z } from 'zod'
import type { Answer, Given } from '../../server/contract/contract.ts'
import { contract } from '../../server/contract/contract.ts'
import { handlers } from '../../server/handlers/handlers.ts'
import type { Served } from '../../server/served.ts'

/** Asks as a door would: what is given is parsed, and the answer, as it travels, is what the contract says. */
export async function ask<Name extends keyof typeof handlers>(
  served: Partial<Served>,
  name: Name,
  given: Given<Name> = {} as Given<Name>,
  signal = new AbortController().signal,
): Promise<Answer<Name>> {
  const { params, query, body, answer, contentTypes } = contract[name] as (typeof contract)['plan'] & {
    readonly contentTypes?: readonly string[]
  }
  const parse = (schema: unknown) => {
    if (!(schema instanceof z.ZodObject)) return {}
    return schema.parse(Object.fromEntries(Object.entries(given as object).filter(([key]) => key in schema.shape)))
  }
  const asked = { ...parse(params), ...parse(query), ...parse(body) }
  const handler = handlers[name] as unknown as (...args: unknown[]) => Promise<unknown>
  const answered = await handler(served, asked, { signal, caller: 'test' })
  return answer.parse(contentTypes ? answered : JSON.parse(JSON.stringify(answered))) as never
}

/** The same, of one deployment. */
export const askingOf =
  (served: Partial<Served>) =>
  <Name extends keyof typeof handlers>(name: Name, given: Given<Name>, signal?: AbortSignal): Promise<Answer<Name>> =>
    ask(served, name, given, signal)
