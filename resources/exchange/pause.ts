import { setTimeout as sleep } from 'node:timers/promises'

/** Waits `ms`, or throws the reason of `signal` as soon as there is one. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (ms <= 0) return
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    // Node wraps the reason in an error of its own.
    signal.throwIfAborted()
    throw error
  }
}
