import { PipelineError } from './errors.ts'

/** How many runs with a tag may be under way at once. */
export interface TagLimit {
  readonly key: string
  /** Only runs whose tag has this value; any value if absent. */
  readonly value?: string
  /** Each value has a limit of its own. */
  readonly perValue?: true
  readonly most: number
}

/** How many runs may be under way at once; a run over a limit waits. */
export interface RunLimits {
  /** Of all runs; 0 holds every run back, absent none. */
  readonly most?: number
  readonly tags?: readonly TagLimit[]
}

/** The limits themselves. Throws `runs.malformed`. */
export function checkedLimits(limits: RunLimits): RunLimits {
  const check = (what: string, most: number) => {
    const isLimit = Number.isInteger(most) && most >= 0
    if (!isLimit) throw new PipelineError('runs.malformed', { what, got: String(most) })
  }
  if (limits.most !== undefined) check('runs', limits.most)
  for (const { key, value, most } of limits.tags ?? []) check(value === undefined ? key : `${key}=${value}`, most)
  return limits
}
