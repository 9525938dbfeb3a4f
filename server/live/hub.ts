import type { Change } from '../contract/overview.ts'

/** Tells of changes in the store, as long as somebody listens. */
export interface LiveHub {
  /** Calls the listener soon with how all is, then with what changes. Returns what ends it. */
  subscribe(listener: (change: Change) => void): () => void
  close(): void
}

/** Knows of no change. */
export const silentHub = (): LiveHub => ({ subscribe: () => () => undefined, close: () => undefined })
