import type { RunStore } from '../store/port.ts'

/**
 * The clock of the store, carried on between looks by this machine's steady one: all processes agree on the time to a
 * few milliseconds, and setting a machine's clock changes nothing.
 */
export function storeClock(store: RunStore): { readonly now: () => number; sync(): Promise<void> } {
  let zero = Date.now() - performance.now()
  return {
    now: () => Math.round(zero + performance.now()),
    async sync() {
      const asked = performance.now()
      const told = await store.now()
      // The answer was true somewhere between question and now. Where the store was away these are minutes apart, and what
      // was known before is the better guess.
      zero = Math.min(told - asked, Math.max(told - performance.now(), zero))
    },
  }
}
