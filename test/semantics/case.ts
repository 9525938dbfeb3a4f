export interface Case {
  readonly id: string
  readonly [field: string]: any
}
export interface CaseFile {
  readonly name: string
  readonly cases: readonly Case[]
  readonly [field: string]: any
}
/** One thing that a case says and what we say: equal by `isDeepStrictEqual`, or the case failed. */
export interface Compared {
  readonly what: string
  readonly expected: unknown
  readonly got: unknown
}
export type Adapter = (one: Case, file: CaseFile) => readonly Compared[] | Promise<readonly Compared[]>
/** What a file of `adapters/` exports. */
export interface AdapterModule {
  readonly run: Adapter
  /** Fields of cases that ask nothing of us, each with the reason. Any other that is not looked at fails its case. */
  readonly beside?: readonly string[]
}
