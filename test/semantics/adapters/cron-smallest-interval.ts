import { isPipelineError } from '#pipeline'
import { cronOf } from '../../../pipeline/define/cron.ts'
import type { Adapter, Compared } from '../case.ts'

export const run: Adapter = (one) => {
  const seconds = intervalOf(one.cron, one.timezone ?? 'UTC')
  const compared: Compared[] = []
  if (one.expectedError !== undefined || one.valid === false) {
    compared.push({ what: 'refused', expected: 'cron.malformed', got: seconds })
  }
  if ('minSeconds' in one) compared.push({ what: 'seconds', expected: one.minSeconds, got: seconds })
  if ('atLeastSeconds' in one)
    compared.push({ what: 'long enough', expected: true, got: Number(seconds) >= one.atLeastSeconds })
  if ('atMostSeconds' in one)
    compared.push({ what: 'short enough', expected: true, got: Number(seconds) <= one.atMostSeconds })
  return compared
}

function intervalOf(cron: string, timezone: string): number | string {
  try {
    return cronOf(cron, timezone).smallestInterval() / 1_000
  } catch (error) {
    if (isPipelineError(error, 'cron.malformed')) return error.code
    throw error
  }
}
