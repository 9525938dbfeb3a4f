import { z } from 'zod'

/** What one endpoint takes and answers; where it is says paths.ts. */
export interface Endpoint<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  /** The part of the documentation it is in. */
  readonly about: string
  readonly summary: string
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly answer: Answer
  /** Of an answer that is no JSON. */
  readonly contentTypes?: readonly string[]
  /** Codes it may refuse with, besides those that any may. */
  readonly refusals?: readonly string[]
}

const nothing = z.strictObject({})

export function endpoint<
  const Params extends z.ZodObject = typeof nothing,
  const Query extends z.ZodObject = typeof nothing,
  const Body extends z.ZodType = z.ZodUndefined,
  const Answer extends z.ZodType = z.ZodType,
>(
  one: Partial<Pick<Endpoint<Params, Query, Body>, 'params' | 'query' | 'body'>> &
    Omit<Endpoint<Params, Query, Body, Answer>, 'params' | 'query' | 'body'>,
): Endpoint<Params, Query, Body, Answer> {
  return { params: nothing, query: nothing, body: z.undefined(), ...one } as Endpoint<Params, Query, Body, Answer>
}

/** Instants are ms since 1970 UTC. */
export const Instant = z.int().meta({ description: 'ms since 1970 UTC' })
export const Count = z.int().nonnegative()

/** Where a page begins, as `next` of the page before it said. */
export const Cursor = z.string().max(200).optional().meta({ description: '`next` of the page before' })

export const limitOf = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual)

/** A list, or the next part of it. A page may hold fewer than asked, or none, and still be followed by others. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({
    items: z.array(item),
    next: z.string().nullable().meta({ description: 'the cursor of the next page; null at the end' }),
  })

/** What every refusal looks like. */
export const Problem = z.strictObject({
  error: z.strictObject({
    code: z.string().meta({ description: 'stable, for programs' }),
    message: z.string().meta({ description: 'a sentence, for people' }),
    status: z.int(),
  }),
})
export type Problem = z.output<typeof Problem>
