export interface DatasetFile {
  readonly path: string
  readonly sha256: string
  readonly bytes: number
  readonly rows: number
  readonly interval: string
  readonly exchange: string
  readonly period: string
  readonly markets: readonly string[]
  readonly minTime: number | null
  readonly maxTime: number | null
}
export interface DatasetColumn {
  readonly name: string
  readonly type: string
  readonly unit: string | null
  readonly description: string
  readonly nullable: boolean
}
export interface Dataset {
  readonly name: string
  readonly title: string
  readonly isSandbox: boolean
  readonly files: readonly DatasetFile[]
  readonly columns: readonly DatasetColumn[]
  readonly gaps: number
  readonly missingCandles: number
  readonly checks: { readonly passed: number; readonly failed: number }
}
export const releaseId = (files: readonly DatasetFile[]): string => String(files.length)
export const datasetSpec = (d: Dataset): string => JSON.stringify(d)
export const datasetCard = (d: Dataset): string => d.title
