import { z } from 'zod'
import type { Answer, Given } from '../../server/contract/contract.ts'
import { contract } from '../../server/contract/contract.ts'
import { handlers } from '../../server/handlers/handlers.ts'
import type { Served } from '../../server/served.ts'

/** Asks as a door would: what is given is parsed, and the answer is what the contract says. */
export const askingOf =
  (served: Partial<Served>) =>
  async <Name extends keyof typeof handlers>(
    name: Name,
    given: Given<Name>,
    signal?: AbortSignal,
  ): Promise<Answer<Name>> => {
    const { params, query, body, answer } = contract[name] as (typeof contract)['plan']
    const parse = (schema: unknown) => {
      if (!(schema instanceof z.ZodObject)) return {}
      return schema.parse(Object.fromEntries(Object.entries(given as object).filter(([key]) => key in schema.shape)))
    }
    const asked = { ...parse(params), ...parse(query), ...parse(body) }
    const call = { signal: signal ?? new AbortController().signal, caller: 'test' }
    const handler = handlers[name] as unknown as (...args: unknown[]) => Promise<unknown>
    return answer.parse(await handler(served, asked, call)) as never
  }
