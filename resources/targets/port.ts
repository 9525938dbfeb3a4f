export interface ReleaseFile {
  readonly path: string
  readonly sha256: string
  readonly bytes: number
  readonly content: { readonly file: string } | { readonly text: string }
}
export interface Release {
  readonly id: string
  readonly summary: string
  readonly files: readonly ReleaseFile[]
}
export interface Published {
  readonly outcome: 'published' | 'unchanged'
  readonly target: string
  readonly location: string
  readonly commit: string | null
  readonly sentFiles: number
  readonly sentBytes: number
  readonly keptFiles: number
  readonly removedFiles: number
}
export interface PublishTarget {
  readonly name: string
  publish(release: Release, signal: AbortSignal): Promise<Published>
}
