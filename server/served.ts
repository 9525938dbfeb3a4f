import type { Engine } from '#pipeline'
import type { Answer, Asked, Contract } from './contract/contract.ts'
import type { EndpointName } from './contract/paths.ts'
import type { LakeReader } from './lake-reader.ts'

/** What the doors serve: one deployment, as this process sees it. */
export interface Served {
  /** Its definitions and its store, and what starts and stops runs. */
  readonly engine: Engine
  readonly lake: LakeReader
  readonly about: About
}

/** What a deployment says of itself. */
export interface About {
  /** What it runs, for people. */
  readonly name: string
  /** Whether its data is invented; `null` if nobody can say. */
  readonly isSandbox: boolean | null
  readonly version: string
  /** ms. */
  readonly startedAt: number
  readonly store: { readonly kind: string; readonly place: string; readonly bytes: () => number | null }
  readonly lakePlace: string
  readonly queueKind: string
  /** Secrets without their values: "set" or "not set". */
  readonly settings: readonly { readonly name: string; readonly value: string; readonly isSecret: boolean }[]
}

/** Answers what an endpoint was asked, already parsed. Refuses by throwing `PipelineError` or `Refusal`. */
export type Handler<Name extends EndpointName> = (on: Served, asked: Asked<Name>, call: Call) => Promise<Answered<Name>>
/** What a handler of an endpoint with `contentTypes` answers: a file to be kept under a name. */
export interface FileAnswer {
  readonly contentType: string
  readonly fileName: string
  readonly bytes: Uint8Array
}
export type Answered<Name extends EndpointName> = Contract[Name] extends { readonly contentTypes: readonly string[] }
  ? FileAnswer
  : Answer<Name>
export type Handlers<Names extends EndpointName> = { readonly [Name in Names]: Handler<Name> }

/** Who asks, and whether still. */
export interface Call {
  readonly signal: AbortSignal
  readonly caller: string
}

/** What was asked can not be had, and why: `code` for programs, the message for people. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: string
  readonly status: number

  constructor(status: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.status = status
  }
}
