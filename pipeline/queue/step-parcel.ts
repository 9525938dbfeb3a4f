/** What travels between the leader of a run and a worker: some steps of one asset there, what became of each back. */

import type { PartitionKey } from '../define/partition.ts'
import type { StepJob, StepReport } from './port.ts'

/** Ids only; the rest is in the store and the definitions, which every worker has. */
export interface Parcel {
  readonly run: string
  readonly asset: string
  /** Version of the asset's code that the leader has: a worker with another one must not make it. */
  readonly code: string
  readonly attempt: number
  readonly priority: number
  readonly steps: readonly (readonly PartitionKey[])[]
}

/** All that became of a parcel up to now, so that whoever missed a message loses nothing with it. */
export interface Account {
  /** A letter for each key of each step, in order. */
  readonly said: string
  /** For each step "-", "b" for begun or "e" for ended. */
  readonly steps: string
  /** By the place of the letter: why it was rejected, failed or is to be tried again. */
  readonly why?: Readonly<Record<number, string>>
  /** By the place of the letter: when to try again, ms. */
  readonly at?: Readonly<Record<number, number>>
  /** How long the steps were worked on, all together, ms; only of an account that is closed. */
  readonly ms?: number
}

const letters = {
  published: 'p',
  unchanged: 'u',
  skipped: 's',
  canceled: 'c',
  lost: 'l',
  rejected: 'r',
  failed: 'f',
  retry: 't',
} as const satisfies Record<Exclude<StepReport['outcome'], 'started'>, string>

const outcomes = new Map(Object.entries(letters).map(([outcome, letter]) => [letter as string, outcome]))
const nothing = '-'

/** Keeps the account of a parcel in a worker. */
export function openAccount(steps: Parcel['steps']): {
  hear(step: number, report: StepReport): void
  end(step: number): void
  /** Grows with everything that the account takes down. */
  readonly version: number
  now(ms?: number): Account
} {
  const starts = startsOf(steps.map((keys) => keys.length))
  const said: string[] = Array(starts.at(-1)!).fill(nothing)
  const states: string[] = Array(steps.length).fill(nothing)
  const why: Record<number, string> = {}
  const at: Record<number, number> = {}
  let version = 0
  return {
    hear(step, report) {
      version += 1
      if (report.outcome === 'started') {
        states[step] = 'b'
        return
      }
      const place = starts[step]! + steps[step]!.indexOf(report.key)
      said[place] = letters[report.outcome]
      if (report.outcome === 'rejected') why[place] = report.why
      if (report.outcome === 'failed') why[place] = report.error
      if (report.outcome === 'retry') {
        at[place] = report.at
        if (report.error !== undefined) why[place] = report.error
      }
    },
    end(step) {
      version += 1
      states[step] = 'e'
    },
    get version() {
      return version
    },
    now: (ms) => ({
      ...{ said: said.join(''), steps: states.join('') },
      ...(Object.keys(why).length > 0 && { why: { ...why } }),
      ...(Object.keys(at).length > 0 && { at: { ...at } }),
      ...(ms !== undefined && { ms }),
    }),
  }
}

/** Reads the accounts of a parcel at its leader: calls `tell` for what it did not know, each thing once. */
export function readAccounts(
  steps: readonly StepJob[],
  tell: (job: StepJob, report: StepReport | undefined) => void,
): {
  read(account: Account): void
  /** Ends every step that has not ended; what is said of those keys of it that nothing was said of. */
  end(say: (key: PartitionKey) => StepReport | undefined): void
  /** Those that have not ended. */
  open(): readonly StepJob[]
} {
  const starts = startsOf(steps.map((job) => job.keys.length))
  const isSaid = new Uint8Array(starts.at(-1)!)
  const known = new Uint8Array(steps.length)
  const begun = 1
  const ended = 2
  const forKeys = (step: number, say: (key: PartitionKey, place: number) => StepReport | undefined): void => {
    const job = steps[step]!
    for (const [index, key] of job.keys.entries()) {
      const place = starts[step]! + index
      const report = isSaid[place] ? undefined : say(key, place)
      if (!report) continue
      isSaid[place] = 1
      tell(job, report)
    }
  }
  const end = (step: number): void => {
    known[step] = ended
    tell(steps[step]!, undefined)
  }
  return {
    read(account) {
      for (let step = 0; step < steps.length; step++) {
        if (known[step] === ended) continue
        const state = account.steps[step]
        if (state === 'b' && known[step] !== begun) {
          known[step] = begun
          tell(steps[step]!, { key: steps[step]!.keys[0]!, outcome: 'started' })
        }
        forKeys(step, (key, place) => reportAt(account, key, place))
        if (state === 'e') end(step)
      }
    },
    end(say) {
      for (let step = 0; step < steps.length; step++) {
        if (known[step] === ended) continue
        forKeys(step, say)
        end(step)
      }
    },
    open: () => steps.filter((_, step) => known[step] !== ended),
  }
}

function reportAt(account: Account, key: PartitionKey, place: number): StepReport | undefined {
  const outcome = outcomes.get(account.said[place] ?? nothing) as Exclude<StepReport['outcome'], 'started'> | undefined
  const why = account.why?.[place]
  switch (outcome) {
    case undefined:
      return undefined
    case 'rejected':
      return { key, outcome, why: why ?? '' }
    case 'failed':
      return { key, outcome, error: why ?? '' }
    case 'retry':
      return { key, outcome, at: account.at?.[place] ?? 0, error: why }
    default:
      return { key, outcome }
  }
}

/** Where the letters of each step begin, and after the last one how many there are. */
function startsOf(lengths: readonly number[]): readonly number[] {
  const starts = [0]
  for (const length of lengths) starts.push(starts.at(-1)! + length)
  return starts
}
