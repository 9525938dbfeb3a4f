/** Who answers what: one function an endpoint, for every door. */

import type { EndpointName } from '../contract/paths.ts'
import type { Handlers } from '../served.ts'
import { assetHandlers } from './assets.ts'
import { automationHandlers } from './automation.ts'
import { marketHandlers } from './markets.ts'
import { overviewHandlers } from './overview.ts'
import { runHandlers } from './runs.ts'
import { sqlHandlers } from './sql.ts'
import { systemHandlers } from './system.ts'

export const handlers: Partial<Handlers<Exclude<EndpointName, 'session' | 'logout'>>> = {
  ...systemHandlers,
  ...overviewHandlers,
  ...assetHandlers,
  ...runHandlers,
  ...automationHandlers,
  ...sqlHandlers,
  ...marketHandlers,
}
