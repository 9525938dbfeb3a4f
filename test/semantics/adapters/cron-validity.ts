import { isPipelineError } from '#pipeline'
import { cronOf } from '../../../pipeline/define/cron.ts'
import type { Adapter } from '../case.ts'

export const run: Adapter = (one) => [{ what: `"${one.cron}" is valid`, expected: one.valid, got: isValid(one.cron) }]

function isValid(cron: string): boolean {
  try {
    cronOf(cron, 'UTC')
    return true
  } catch (error) {
    if (isPipelineError(error, 'cron.malformed')) return false
    throw error
  }
}
