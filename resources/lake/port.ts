import type { Sql, TableFile } from '#pipeline'

/** The lake as an asset may use it beside its inputs: to ask a question, and to hand a finished file on. */
export interface Lake {
  query<Row>(query: Sql<Row>, signal: AbortSignal): AsyncIterable<Row>
  /** Has files of tables on this machine for the length of `work`, which is told where each is. */
  lend<T>(
    files: readonly TableFile[],
    work: (pathOf: (file: TableFile) => string) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>
}

/** What the catalogue knows of published tables. */
export interface CheckCounts {
  readonly passed: number
  readonly failed: number
}

export interface Catalogue {
  /** Check results of the versions that are published now, over these assets. */
  checks(assets: readonly string[]): Promise<CheckCounts>
}
