import type { Case } from './case.ts'

/** What a case says about itself: nothing is asked by these. */
const about = new Set([
  'id',
  'source',
  'test',
  'docs',
  'note',
  'notes',
  'comment',
  'description',
  'assertions',
  'upstreamQuirk',
])
/** What happens in a case one after the other; each of these asks or expects something too. */
const stages = new Set(['steps', 'evaluations', 'evaluationResults'])

/**
 * A case that remembers which of its fields nobody looked at. One that an adapter does not know would otherwise pass,
 * whatever it asks for.
 */
export function watched(one: Case): { readonly watched: Case; readonly left: ReadonlySet<string> } {
  const left = new Set<string>()
  const watch = <T extends object>(of: T, path: string): T => {
    for (const [field, value] of Object.entries(of)) if (!about.has(field) && value !== null) left.add(path + field)
    return new Proxy(of, {
      get(target, field) {
        left.delete(path + String(field))
        return Reflect.get(target, field)
      },
    })
  }
  const fields = Object.entries(one).map(([field, value]) => [
    field,
    stages.has(field) ? value.map((stage: object, at: number) => watch(stage, `${field}[${at}].`)) : value,
  ])
  return { watched: watch(Object.fromEntries(fields) as Case, ''), left }
}
