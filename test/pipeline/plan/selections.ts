import fc from 'fast-check'
import type { Selection } from '#pipeline'

/** Any selection built of the given leaves. */
export function selections(leaf: fc.Arbitrary<Selection>): fc.Arbitrary<Selection> {
  const depth = fc.oneof(fc.constant('all' as const), fc.nat({ max: 4 }))
  return fc.letrec<{ any: Selection }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.oneof(leaf, fc.constant<Selection>({ is: 'all' })),
      fc.record({
        is: fc.constantFrom('and' as const, 'or' as const),
        of: fc.array(tie('any'), { minLength: 2, maxLength: 3 }),
      }),
      fc.record({ is: fc.constant('minus' as const), of: tie('any'), without: tie('any') }),
      fc.record({ is: fc.constantFrom('sinks' as const, 'roots' as const, 'externals' as const), of: tie('any') }),
      fc.oneof(
        fc.record({ is: fc.constant('traverse' as const), of: tie('any'), up: depth }),
        fc.record({ is: fc.constant('traverse' as const), of: tie('any'), down: depth }),
        fc.record({ is: fc.constant('traverse' as const), of: tie('any'), up: depth, down: depth }),
      ),
    ),
  })).any
}
