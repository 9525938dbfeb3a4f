import type { Selection } from '#pipeline'
import { isPipelineError, parseSelection, printSelection } from '#pipeline'
import type { Adapter, Compared } from '../case.ts'
import { selectionOf } from '../selection-of.ts'

/** Which texts are selections, what they mean, and that printing and reading gives the same meaning. */
export const run: Adapter = (one) => {
  const read = reading(one.expression)
  const compared: Compared[] = [{ what: 'valid', expected: one.valid ?? true, got: read !== undefined }]
  if (!read) return compared
  if (one.roundTrips) compared.push({ what: 'read again', expected: read, got: reading(printSelection(read)) })
  if (one.selection) compared.push({ what: 'meaning', expected: selectionOf(one.selection), got: read })
  return compared
}

function reading(text: string): Selection | undefined {
  try {
    return parseSelection(text)
  } catch (error) {
    if (isPipelineError(error, 'selection.malformed')) return undefined
    throw error
  }
}
