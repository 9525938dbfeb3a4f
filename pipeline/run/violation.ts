/** What can be wrong between the catalogue, the files of the lake and the log of events. */
export type ViolationKind =
  | 'file-damaged'
  | 'file-orphaned'
  | 'pointer-dangling'
  | 'pointer-unexplained'
  | 'status-unexplained'
  | 'status-block-differs'
  | 'version-unannounced'
  | 'event-doubled'
  | 'event-unfounded'
  | 'version-repeated'
  | 'version-misfiled'
  | 'lease-left'
  | 'lineage-broken'
  | 'run-stuck'
  | 'run-end-missing'
  | 'run-end-early'
  | 'run-counts-wrong'
  | 'worker-silent'
  | 'tick-missing'
  | 'tick-overdue'
  | 'tick-run-missing'
  | 'run-key-unfounded'

export interface Violation {
  readonly kind: ViolationKind
  /** The partition, path, run or schedule. */
  readonly where: string
  readonly expected: string
  readonly got: string
  /** What to do about it. */
  readonly todo: string
}

/** Tells one from another: what two looks both find is no accident of their moment. */
export const sameViolation = (a: Violation, b: Violation): boolean =>
  a.kind === b.kind && a.where === b.where && a.expected === b.expected && a.got === b.got
