/** Every request and every answer. The doors, the documentation, the tests and the browser application all follow it. */

import type { z } from 'zod'
import { assetEndpoints } from './assets.ts'
import { automationEndpoints } from './automation.ts'
import type { Endpoint } from './endpoint.ts'
import { marketEndpoints } from './markets.ts'
import { overviewEndpoints } from './overview.ts'
import type { EndpointName } from './paths.ts'
import { runEndpoints } from './runs.ts'
import { sqlEndpoints } from './sql.ts'
import { systemEndpoints } from './system.ts'

export const contract = {
  ...systemEndpoints,
  ...overviewEndpoints,
  ...assetEndpoints,
  ...runEndpoints,
  ...automationEndpoints,
  ...sqlEndpoints,
  ...marketEndpoints,
} satisfies Readonly<Record<EndpointName, Endpoint<any, any, any, any>>>

export type Contract = typeof contract

/** Fields by their names alone: an object without fields takes none, and adds none to others. */
type Fields<T> = { [Name in keyof T as string extends Name ? never : Name]: T[Name] }
type BodyOf<Body extends z.ZodType, Side> = Body extends z.ZodUndefined ? unknown : Fields<Side>

/** What a handler is given: parsed, defaults filled in. */
export type Asked<Name extends EndpointName> = Fields<z.output<Contract[Name]['params']>> &
  Fields<z.output<Contract[Name]['query']>> &
  BodyOf<Contract[Name]['body'], z.output<Contract[Name]['body']>>

export type Answer<Name extends EndpointName> = z.output<Contract[Name]['answer']>

/** What a caller gives: what has a default may be left out. */
export type Given<Name extends EndpointName> = Fields<z.input<Contract[Name]['params']>> &
  Fields<z.input<Contract[Name]['query']>> &
  BodyOf<Contract[Name]['body'], z.input<Contract[Name]['body']>>
