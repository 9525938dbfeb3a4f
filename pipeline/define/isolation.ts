import { PipelineError } from './errors.ts'
import { nearest } from './nearest.ts'

/** What a step may use that runs in a process of its own. */
export interface Isolation {
  /** Of the whole process, in MB; 1,024 if absent. */
  readonly memoryMb?: number
}

export const usualMemoryMb = 1_024

/** The framework and the engine of SQL hold 140 MB before the first row. */
const leastMemoryMb = 256

const options = ['memoryMb'] as const

/** The limits that an asset asks for, if it asks to be isolated. Throws `isolate.malformed`. */
export function checkedIsolation(
  isolate: boolean | Isolation | undefined,
  owner: string,
): Required<Isolation> | undefined {
  if (isolate === undefined || isolate === false) return undefined
  const refuse = (issue: string) => new PipelineError('isolate.malformed', { asset: owner, issue })
  if (isolate !== true && (typeof isolate !== 'object' || isolate === null)) {
    throw refuse(`expected true or { memoryMb }, got ${String(isolate)}`)
  }
  const { memoryMb = usualMemoryMb, ...others } = isolate === true ? {} : isolate
  for (const option of Object.keys(others)) {
    const near = nearest(option, options)
    throw refuse(
      `unknown option "${option}"; ${near === undefined ? 'it takes "memoryMb"' : `did you mean "${near}"?`}`,
    )
  }
  if (!Number.isInteger(memoryMb) || memoryMb < leastMemoryMb) {
    throw refuse(`expected "memoryMb" of ${leastMemoryMb} or more, got ${memoryMb}`)
  }
  return { memoryMb }
}
