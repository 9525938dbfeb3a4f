/** A file of a release: at `path` inside the dataset; bytes come from a local file or are the text itself. */
export interface ReleaseFile {
  readonly path: string
  /** Lower case hex. */
  readonly sha256: string
  readonly bytes: number
  readonly content: { readonly file: string } | { readonly text: string }
}

/** One version of a dataset. `id` is made from its content, so that the same rows have the same id. */
export interface Release {
  readonly id: string
  readonly summary: string
  readonly files: readonly ReleaseFile[]
}

export interface Published {
  /** `unchanged`: the target already showed exactly these files, and nothing was written. */
  readonly outcome: 'published' | 'unchanged'
  readonly target: string
  /** A folder or a URL that a person can open. */
  readonly location: string
  readonly commit: string | null
  readonly sentFiles: number
  readonly sentBytes: number
  readonly keptFiles: number
  readonly removedFiles: number
}

/**
 * Where releases of a dataset go. A release is all or nothing, and files already there are not sent again. `publish`
 * throws `PublishError`, or the signal's reason when it was aborted; the release before is then still whole.
 */
export interface PublishTarget {
  readonly name: string
  publish(release: Release, signal: AbortSignal): Promise<Published>
}

/** A release did not get to its target: the message says which, why and what to do. */
export class PublishError extends Error {
  override readonly name = 'PublishError'
}
