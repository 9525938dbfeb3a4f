/** A run's life as a fold over its events. No clock, no store, no queue: the same code runs in worker, server and screen. */

export type RunStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled'

/** How many partitions of a run ended how, by asset. */
export interface RunCounts {
  readonly planned: Readonly<Record<string, number>>
  readonly published: Readonly<Record<string, number>>
  readonly unchanged: Readonly<Record<string, number>>
  readonly skipped: Readonly<Record<string, number>>
  readonly rejected: Readonly<Record<string, number>>
  readonly failed: Readonly<Record<string, number>>
  /** Not tried, because something they read failed. */
  readonly blocked: Readonly<Record<string, number>>
  readonly canceled: Readonly<Record<string, number>>
}

export type StepEnd = Exclude<keyof RunCounts, 'planned'>

export type RunEvent =
  | { readonly type: 'queued'; readonly planned: Readonly<Record<string, number>> }
  | { readonly type: 'started' }
  | { readonly type: 'step-ended'; readonly asset: string; readonly end: StepEnd; readonly count?: number }
  /** With a reason the run ends as failed: nobody wished it to be canceled. */
  | { readonly type: 'cancel-requested'; readonly reason?: string | undefined }
  | { readonly type: 'drained' }

export interface RunState {
  readonly status: RunStatus
  readonly canceling: boolean
  /** Why it is being stopped, where nobody wished it. */
  readonly reason?: string
  readonly counts: RunCounts
}

/** Adding a status without saying whether it is final does not compile. */
export const isFinal = {
  queued: false,
  running: false,
  succeeded: true,
  failed: true,
  canceled: true,
} as const satisfies Record<RunStatus, boolean>

const none = {}
export const noCounts: RunCounts = {
  planned: none,
  published: none,
  unchanged: none,
  skipped: none,
  rejected: none,
  failed: none,
  blocked: none,
  canceled: none,
}

/** The state after `event`. Events that come too late (a duplicate, a dead worker's last word) change nothing. */
export function nextRunState(state: RunState | undefined, event: RunEvent): RunState | undefined {
  if (state === undefined) {
    if (event.type !== 'queued') return undefined
    return { status: 'queued', canceling: false, counts: { ...noCounts, planned: event.planned } }
  }
  if (isFinal[state.status]) return state

  switch (event.type) {
    case 'queued':
      return state
    case 'started':
      return { ...state, status: 'running' }
    case 'step-ended':
      return { ...state, counts: counted(state.counts, event) }
    case 'cancel-requested':
      return { ...state, canceling: true, ...(event.reason !== undefined && { reason: event.reason }) }
    case 'drained':
      return { ...state, status: finalStatus(state) }
    default:
      return event satisfies never
  }
}

export const total = (byAsset: Readonly<Record<string, number>>): number =>
  Object.values(byAsset).reduce((sum, count) => sum + count, 0)

function counted(
  counts: RunCounts,
  { asset, end, count = 1 }: { asset: string; end: StepEnd; count?: number },
): RunCounts {
  return { ...counts, [end]: { ...counts[end], [asset]: (counts[end][asset] ?? 0) + count } }
}

function finalStatus({ counts, canceling, reason }: RunState): RunStatus {
  if (total(counts.failed) + total(counts.rejected) + total(counts.blocked) > 0) return 'failed'
  if (!canceling || total(counts.canceled) === 0) return 'succeeded'
  return reason === undefined ? 'canceled' : 'failed'
}
