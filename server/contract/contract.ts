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

/** What a handler is given: parsed, defaults filled in. */
export type Asked<Name extends EndpointName> = Fields<z.output<Contract[Name]['params']>> &
  Fields<z.output<Contract[Name]['query']>> &
  Fields<z.output<Contract[Name]['body']>>

export type Answer<Name extends EndpointName> = z.output<Contract[Name]['answer']>

/** What a caller gives: what has a default may be left out. */
export type Given<Name extends EndpointName> = Fields<z.input<Contract[Name]['params']>> &
  Fields<z.input<Contract[Name]['query']>> &
  Fields<z.input<Contract[Name]['body']>>

/** The fields of a part; one without any adds nothing, and above all forbids none of the others. */
type Fields<Part> = Part extends undefined ? unknown : string extends keyof Part ? unknown : Part
