import type { Definitions } from '../define/definitions.ts'
import type { IoManager } from '../define/io.ts'
import type { RunStore } from '../store/port.ts'
import type { Violation } from './violation.ts'

export interface VerifyAsk {
  /** Files are looked at, not read: a damage that leaves the size as it was stays unseen. */
  readonly quick?: boolean
  /** What stands still for longer is stuck; ms. */
  readonly stuckMs?: number
  /** A file that the catalogue does not know may be one that a step is about to publish, for so long; ms. */
  readonly orphanMs?: number
  /** How far back ticks are looked at; ms. */
  readonly ticksMs?: number
  readonly signal?: AbortSignal
}

export interface VerifyContext {
  readonly definitions: Definitions
  readonly store: RunStore
  readonly io: IoManager
  readonly clock: () => number
}

export type VerifyLimits = Required<VerifyAsk>

/** Hears what was found, as it is found. */
export type Tell = (found: readonly Violation[]) => void
