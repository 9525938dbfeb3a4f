import type { AnyAsset, ColumnSpec, TableFile } from '#pipeline'

export interface ReadRows {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly isCut: boolean
}

/** What the doors ask of the lake; the deployment brings what answers it. */
export interface LakeReader {
  readonly limits: { readonly rows: number; readonly memoryMb: number; readonly timeoutMs: number }
  /** What may be selected from besides the assets: what is known of what is published. */
  readonly catalogue: { readonly name: string; readonly description: string; readonly columns: readonly ColumnSpec[] }
  /**
   * Answers one SELECT that anyone may have written, over what is published of every asset it mentions, now or at an instant
   * (ms). Throws an error named `QueryRefused`, and `past.removed`.
   */
  query(
    text: string,
    ask: { readonly rows: number; readonly at?: number; readonly signal: AbortSignal },
  ): Promise<ReadRows>
  /** The same as a file's bytes. */
  download(
    text: string,
    ask: {
      readonly rows: number
      readonly at?: number
      readonly format: 'csv' | 'parquet' | 'arrow' | 'json'
      readonly signal: AbortSignal
    },
  ): Promise<Uint8Array>
  /** The first rows of some published files of an asset, in their order. */
  firstRows(asset: AnyAsset, files: readonly TableFile[], rows: number, signal: AbortSignal): Promise<ReadRows>
}
