import type { Adapter, Case, Compared } from '../case.ts'
import { keysFrom, nonexistent, relate, setFrom, sorted } from '../mappings.ts'
import type { CaseKey } from '../vocabulary.ts'
import { instantOf } from '../vocabulary.ts'

/** Late enough for every partition that a case without an instant names. */
const whenever = '2026-01-01T00:00:00Z'

/** Also runs the mapping cases of other files: all ask what is upstream of keys, downstream of keys, or refused. */
export const run: Adapter = (one) => {
  const directions: readonly string[] = [one.direction].flat()
  return directions.flatMap((direction) => (direction === 'validate' ? refused(one) : mapped(one, direction)))
}

function mapped(one: Case, direction: string): readonly Compared[] {
  const asOf = { now: instantOf(one.now ?? whenever, one.downstream?.timezone ?? one.upstream?.timezone) }
  const { relation } = relate(one.downstream, one.upstream, one.mapping, asOf)
  if (direction === 'downstream') {
    const sources = setFrom(one.upstream, relation.source, one.upstreamKeys)
    const got = keysFrom(one.downstream, relation.allReadersOf(sources))
    const expected: readonly CaseKey[] = one.expectedDownstreamKeys ?? one.downstreamKeys
    return [{ what: 'downstream', expected: sorted(expected), got: sorted(got) }]
  }
  const readers = setFrom(one.downstream, relation.reader, one.downstreamKeys)
  const got = keysFrom(one.upstream, relation.allSourcesOf(readers))
  const expected: readonly CaseKey[] = one.expectedUpstreamKeys ?? one.upstreamKeys
  const compared = [{ what: 'upstream', expected: sorted(expected), got: sorted(got) }]
  if (one.expectedRequiredButNonexistent) {
    const absent = nonexistent(relation, readers, one.upstream)
    // Of several dimensions the tables name only the value that is absent.
    const names = [...new Set(absent.flatMap((key) => shortened(key, one.expectedRequiredButNonexistent)))]
    compared.push({ what: 'nonexistent', expected: sorted(one.expectedRequiredButNonexistent), got: sorted(names) })
  }
  return compared
}

function shortened(key: CaseKey, expected: readonly CaseKey[]): readonly CaseKey[] {
  if (key === null || typeof key === 'string' || typeof expected[0] === 'object') return [key]
  return Object.values(key).filter((value) => /^\d{4}-/.test(value))
}

function refused(one: Case): readonly Compared[] {
  let said = 'accepted'
  try {
    relate(one.downstream, one.upstream, one.mapping, { now: new Date(whenever) })
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    said = one.expectedErrorMentions && message.includes(one.expectedErrorMentions) ? 'mentioned' : String(code)
  }
  const codes: Readonly<Record<string, string>> = {
    dimensionNameRequired: 'dependency.unmapped',
    unknownUpstreamDimension: 'partition.unknown-dimension',
    unknownDownstreamDimension: 'dependency.unmapped',
  }
  const expected = one.expectedErrorMentions
    ? 'mentioned'
    : (codes[one.expectedError] ?? one.expectedError ?? 'accepted')
  return [{ what: 'refusal', expected, got: said }]
}
