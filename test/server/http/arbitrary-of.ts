import fc from 'fast-check'
import type { OpenApi, Schema } from '../../../server/http/openapi.ts'

/** Texts that mean something here, by the name of what they are given for. */
export type Words = (name: string) => readonly string[]

/** Values that a schema of the document allows for what is called `name`. */
export function arbitraryOf(schema: Schema, document: OpenApi, words: Words, name = ''): fc.Arbitrary<unknown> {
  const of = (one: Schema, called = name) => arbitraryOf(one, document, words, called)
  if (schema.$ref !== undefined) return of(document.components.schemas[schema.$ref.split('/').at(-1)]!)
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const options = (schema.anyOf ?? schema.oneOf) as readonly Schema[] | undefined
  if (options) return fc.oneof(...options.map((one) => of(one)))
  switch (schema.type) {
    case 'string':
      return textOf(schema, words(name))
    case 'integer':
    case 'number':
      return numberOf(schema)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(of(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 5, (schema.minItems ?? 0) + 5),
      })
    case 'object':
      return objectOf(schema, of, words)
    default:
      return fc.jsonValue({ maxDepth: 3 })
  }
}

function textOf({ minLength = 0, maxLength = 200 }: Schema, words: readonly string[]): fc.Arbitrary<string> {
  const fits = words.filter(({ length }) => length >= minLength && length <= maxLength)
  const any = fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, minLength + 30) })
  const whole = any.filter(({ length }) => length >= minLength && length <= maxLength)
  return fits.length === 0 ? whole : fc.oneof({ arbitrary: fc.constantFrom(...fits), weight: 9 }, whole)
}

function numberOf({ type, minimum, maximum }: Schema): fc.Arbitrary<number> {
  const [min, max] = [minimum ?? -1e15, maximum ?? 1e15]
  if (type === 'integer')
    return fc.oneof(fc.integer({ min: Math.max(min, -1e15), max: Math.min(max, 1e15) }), near(min, max))
  return fc.double({ min, max, noNaN: true, noDefaultInfinity: true })
}

const near = (min: number, max: number) => fc.constantFrom(...[min, max, 0, 1].filter((n) => n >= min && n <= max))

function objectOf(schema: Schema, of: (one: Schema, name?: string) => fc.Arbitrary<unknown>, words: Words) {
  const { properties = {}, required = [], additionalProperties } = schema
  const known = Object.entries(properties as Record<string, Schema>).map(
    ([name, one]) => [name, of(one, name)] as const,
  )
  const some = fc.record(Object.fromEntries(known), { requiredKeys: required })
  if (additionalProperties === null || typeof additionalProperties !== 'object') return some
  const names = textOf(schema.propertyNames ?? { maxLength: 50 }, words('asset')).filter((name) => name !== '__proto__')
  const more = fc.dictionary(names, of(additionalProperties), { maxKeys: 3 })
  return fc.tuple(more, some).map(([one, other]) => ({ ...one, ...other }))
}
