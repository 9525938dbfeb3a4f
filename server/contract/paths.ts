/**
 * Where each endpoint is, below `/api/v1`. Without schemas, so that a browser need not load them; `:name` is one part of a
 * path. An asset is named in the path; a partition key holds slashes, and is a parameter.
 */
export const paths = {
  session: 'GET /session',
  logout: 'POST /logout',

  overview: 'GET /overview',
  throughput: 'GET /throughput',

  assets: 'GET /assets',
  graph: 'GET /graph',
  completeSelection: 'GET /selections/complete',
  asset: 'GET /assets/:asset',
  grid: 'GET /assets/:asset/grid',
  partitions: 'GET /assets/:asset/partitions',
  partition: 'GET /assets/:asset/partition',
  staleness: 'GET /assets/:asset/staleness',
  materializations: 'GET /assets/:asset/materializations',
  assetEvents: 'GET /assets/:asset/events',
  checks: 'GET /assets/:asset/checks',
  lineage: 'GET /assets/:asset/lineage',
  preview: 'GET /assets/:asset/preview',
  why: 'GET /assets/:asset/why',
  wipe: 'POST /assets/:asset/wipe',
  rollback: 'POST /assets/:asset/rollback',
  dynamicKeys: 'GET /keys/:dimension',
  changeKeys: 'POST /keys/:dimension',

  plan: 'POST /plans',
  startRun: 'POST /runs',
  runs: 'GET /runs',
  run: 'GET /runs/:run',
  runGrid: 'GET /runs/:run/grid',
  runSteps: 'GET /runs/:run/steps',
  runTimeline: 'GET /runs/:run/timeline',
  runLog: 'GET /runs/:run/log',
  cancelRun: 'POST /runs/:run/cancel',
  retryRun: 'POST /runs/:run/retry',

  automations: 'GET /automations',
  automation: 'GET /automations/:name',
  ticks: 'GET /automations/:name/ticks',
  switchAutomation: 'POST /automations/:name/switch',
  tryTick: 'POST /automations/:name/try',

  sqlTables: 'GET /sql/tables',
  sql: 'POST /sql',
  sqlDownload: 'POST /sql/download',

  markets: 'GET /markets',
  candles: 'GET /candles',

  system: 'GET /system',
  workers: 'GET /workers',
} as const satisfies Readonly<Record<string, `${'GET' | 'POST'} /${string}`>>

export type EndpointName = keyof typeof paths
