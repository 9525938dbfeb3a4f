import type { Change } from '../contract/overview.ts'

/** Tells of changes while somebody listens. */
export interface LiveHub {
  /** Calls the listener soon with how all is, then with what changes. Returns what ends it. */
  subscribe(listener: (change: Change) => void): () => void
  close(): void
}
