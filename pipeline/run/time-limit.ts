import { followSignal } from './follow-signal.ts'

/** How long a function that was told to stop may take to do so before it is left alone; it can not publish any more. */
export const graceMs = 5_000

export interface TimeLimit {
  /** Aborted when the time is over, or what it follows was. */
  readonly stop: AbortSignal
  isLate(): boolean
  /** As `work`, until that has ignored the signal for the grace period. */
  unlessIgnored(work: Promise<void>): Promise<void>
  forget(): void
}

/**
 * A signal that follows `signal` and aborts by itself when the time is over, and a race against it: work that has
 * ignored it for the grace period is left alone. One timer a step; there may be thousands a second.
 */
export function stopsAt(signal: AbortSignal, limitMs: number): TimeLimit {
  const controller = new AbortController()
  let isLate = false
  let timer: NodeJS.Timeout | undefined
  let leaveAlone = (_reason: unknown): void => undefined
  const stop = (reason: unknown): void => {
    clearTimeout(timer)
    controller.abort(reason)
    timer = setTimeout(() => leaveAlone(reason), graceMs)
  }
  const onLate = () => {
    isLate = true
    stop(new Error(`the time limit of ${limitMs} ms is over`))
  }
  // Timers can not be set further than 2^31 ms.
  timer = setTimeout(onLate, Math.min(limitMs, 2 ** 31 - 1))
  const unfollow = followSignal(signal, () => stop(signal.reason))
  return {
    stop: controller.signal,
    isLate: () => isLate,
    unlessIgnored: (work: Promise<void>) =>
      new Promise<void>((resolve, reject) => {
        leaveAlone = reject
        work.then(resolve, reject)
      }),
    forget() {
      clearTimeout(timer)
      unfollow()
    },
  }
}
