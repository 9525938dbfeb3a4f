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
