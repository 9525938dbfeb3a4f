import type { Duration } from './duration.ts'
import { durationMs } from './duration.ts'
import { PipelineError } from './errors.ts'
import { nearest } from './nearest.ts'

/**
 * How long what is not published any more is kept. A version is given up when it is beyond both `versions` and `for`, as
 * far as these are given; without either, versions are kept for ever, and so are refused files without `rejected`.
 */
export interface Retention {
  /** So many newest versions of each partition are kept, the published one among them. */
  readonly versions?: number
  /** So long a version is kept after it stopped being the published one. */
  readonly for?: Duration
  /** So long a file that a check refused is kept. */
  readonly rejected?: Duration
}

/** The rule of the assets that have none of their own, and how long events and ticks are kept: for ever, and 30 days, if not said. */
export interface DeploymentRetention extends Retention {
  readonly events?: Duration
  readonly ticks?: Duration
}

/** A version that is not the published one. */
export interface OldVersion {
  readonly isRejected: boolean
  /** ms. */
  readonly supersededAt: number
  /** How many later versions there are. */
  readonly newer: number
}

/** Whoever began to read a version when it was the published one may read it for so long. */
const readersMs = durationMs('1h')

const options = ['versions', 'for', 'rejected', 'events', 'ticks'] as const

/** The rule itself. Throws `retention.malformed` and `duration.malformed`. */
export function checkedRetention<Rule extends DeploymentRetention>(rule: Rule, owner: string): Rule {
  for (const [option, value] of Object.entries(rule)) {
    if (!options.includes(option as 'versions')) {
      const near = nearest(option, options)
      const issue = `unknown option "${option}"${near === undefined ? '' : `; did you mean "${near}"?`}`
      throw new PipelineError('retention.malformed', { owner, issue })
    }
    if (option !== 'versions') durationMs(value as Duration)
    else if (!Number.isInteger(value) || value < 1) {
      throw new PipelineError('retention.malformed', { owner, issue: `expected "versions" of 1 or more, got ${value}` })
    }
  }
  return rule
}

/** Whether a rule gives a version up at `now` (ms). */
export function isBeyond(rule: Retention, { isRejected, supersededAt, newer }: OldVersion, now: number): boolean {
  const age = now - supersededAt
  if (isRejected) return rule.rejected !== undefined && age >= durationMs(rule.rejected)
  if (rule.versions === undefined && rule.for === undefined) return false
  const isAmongNewest = newer < (rule.versions ?? 0)
  return !isAmongNewest && age >= Math.max(readersMs, durationMs(rule.for ?? '0s'))
}
