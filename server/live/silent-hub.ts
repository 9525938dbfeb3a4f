import type { LiveHub } from './hub.ts'

/** Knows of no change. */
export const silentHub = (): LiveHub => ({ subscribe: () => () => undefined, close: () => undefined })
