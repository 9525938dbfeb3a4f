/** The exchange's clock against ours, measured now and then: finality is decided by the exchange's time. */

import type { ClockReading } from '../../market/finality.ts'

export interface ExchangeClock {
  /** Our time and how far the exchange's is from it; unknown when the exchange did not answer. */
  read(): Promise<ClockReading>
}

const oldestMs = 600_000
const resolutionMs = 1

/** `ask` gives the exchange's time in ms or throws: a fatal error is passed on, any other means "unknown". */
export function exchangeClock(on: {
  readonly now: () => number
  readonly ask: () => Promise<number>
  readonly isFatal: (error: unknown) => boolean
}): ExchangeClock {
  let known: { readonly at: number; readonly offsetMs: number; readonly uncertaintyMs: number } | undefined
  let measuring: Promise<void> | undefined

  const measure = async () => {
    const before = on.now()
    try {
      const exchangeTime = await on.ask()
      const after = on.now()
      // It was read somewhere between sending and receiving: in the middle, give or take half the way.
      const half = (after - before) / 2
      known = { at: after, offsetMs: exchangeTime - (before + half), uncertaintyMs: half + resolutionMs }
    } catch (error) {
      known = undefined
      if (on.isFatal(error)) throw error
    } finally {
      measuring = undefined
    }
  }
  return {
    async read() {
      const isFresh = known && Math.abs(on.now() - known.at) < oldestMs
      if (!isFresh) {
        measuring ??= measure()
        await measuring
      }
      if (!known) return { now: on.now(), offsetMs: undefined }
      return { now: on.now(), offsetMs: known.offsetMs, uncertaintyMs: known.uncertaintyMs }
    },
  }
}
