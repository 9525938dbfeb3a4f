import type { Change } from '../contract/overview.ts'

/** Tells of what changes in the store, as long as somebody listens. */
export interface LiveHub {
  /** Returns what ends it. */
  subscribe(listener: (change: Change) => void): () => void
  close(): Promise<void>
}

/** Knows of no change. */
export const silentHub = (): LiveHub => ({ subscribe: () => () => undefined, close: async () => undefined })
