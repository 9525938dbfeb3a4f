/** What a caller may do: `read` < `collect` < `admin`. */

import type { EndpointName } from '../contract/paths.ts'
import { paths } from '../contract/paths.ts'

export const scopes = ['read', 'collect', 'admin'] as const
export type Scope = (typeof scopes)[number]

/** What each endpoint asks of its caller: looking, making what is defined, or changing what is known. */
export const scopeOf = {
  session: 'read',
  logout: 'read',
  overview: 'read',
  throughput: 'read',
  assets: 'read',
  graph: 'read',
  completeSelection: 'read',
  asset: 'read',
  grid: 'read',
  partitions: 'read',
  partition: 'read',
  staleness: 'read',
  materializations: 'read',
  assetEvents: 'read',
  checks: 'read',
  lineage: 'read',
  preview: 'read',
  why: 'read',
  wipe: 'admin',
  rollback: 'admin',
  dynamicKeys: 'read',
  changeKeys: 'collect',
  plan: 'read',
  startRun: 'collect',
  runs: 'read',
  run: 'read',
  runGrid: 'read',
  runSteps: 'read',
  runTimeline: 'read',
  runLog: 'read',
  cancelRun: 'collect',
  retryRun: 'collect',
  automations: 'read',
  automation: 'read',
  ticks: 'read',
  switchAutomation: 'admin',
  tryTick: 'read',
  sqlTables: 'read',
  sql: 'read',
  sqlDownload: 'read',
  markets: 'read',
  candles: 'read',
  system: 'read',
  workers: 'read',
} as const satisfies Record<EndpointName, Scope>

/** Whether it changes nothing, whatever its method; all that is left of a server that only shows. */
export const isLooking = (endpoint: EndpointName): boolean =>
  paths[endpoint].startsWith('GET ') || looksByPost.has(endpoint)

const looksByPost: ReadonlySet<EndpointName> = new Set(['plan', 'sql', 'sqlDownload', 'tryTick', 'logout'])
