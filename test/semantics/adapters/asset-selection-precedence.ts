import { printSelection } from '#pipeline'
import type { Adapter } from '../case.ts'
import { selectionOf } from '../selection-of.ts'

/** How a selection is written. */
export const run: Adapter = (one) => [
  { what: 'written', expected: one.expected, got: printSelection(selectionOf(one.selection)) },
]
