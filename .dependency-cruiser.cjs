/** Who imports whom. Data flows from the exchange to the doors; no import points up that stream. */

const own =
  '^(pipeline|market|resources|assets|schedules|cli|sandbox|collector|server|client|web-ui)/|^(config|deployment)\\.ts$'

/** A library belongs to the one folder that wraps it. */
const libraries = {
  ccxt: '^resources/exchange/',
  cockatiel: '^resources/exchange/',
  '@duckdb': '^resources/(duckdb|lake)/',
  '@huggingface': '^resources/huggingface/',
  'apache-arrow': '^resources/(duckdb|lake)/',
  commander: '^cli/',
  bullmq: '^pipeline/queue/',
  ioredis: '^pipeline/queue/',
  pg: '^pipeline/(store|queue)/',
  '@azure': '^resources/storage/',
  fastify: '^server/http/',
  '@fastify': '^server/http/',
  ...Object.fromEntries(
    ['react', '@tanstack', 'radix-ui', '@codemirror', '@lezer', '@dagrejs', 'cmdk', 'lightweight-charts', 'uplot'].map(
      (library) => [library, '^web-ui/'],
    ),
  ),
}

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

module.exports = {
  forbidden: [
    rule(
      'no-cycles',
      'A cycle has no first file to read.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    rule('no-missing', 'The import does not resolve.', {}, { couldNotResolve: true }),
    rule(
      'market-is-pure',
      'The domain knows neither the framework nor the outside world, so it can be tested as arithmetic.',
      { path: '^market/' },
      { path: own, pathNot: '^market/' },
    ),
    rule(
      'pipeline-stands-alone',
      'The framework knows nothing of crypto, parquet or HTTP, so it can be used without them.',
      { path: '^pipeline/' },
      { path: own, pathNot: '^pipeline/' },
    ),
    rule(
      'pure-folders-do-no-io',
      'Definitions, plans and the domain take `now` as a parameter and touch no disk, network or process.',
      { path: '^(market|pipeline/define|pipeline/plan)/' },
      { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|util)$' },
    ),
    rule(
      'define-knows-no-runtime',
      'A definition is data: it does not know who runs or stores it.',
      { path: '^pipeline/define/' },
      { path: '^pipeline/(run|store|queue|daemon|testing)/' },
    ),
    rule(
      'plan-knows-no-runtime',
      'A plan is computed from values, never from a store or a queue.',
      { path: '^pipeline/plan/' },
      { path: '^pipeline/(run|store|queue|daemon|testing)/' },
    ),
    rule(
      'one-face',
      'Other folders use the framework through #pipeline only, so its inside can change.',
      { path: own, pathNot: '^pipeline/' },
      { path: '^pipeline/', pathNot: '^pipeline/index\\.ts$' },
    ),
    rule(
      'ports-only',
      'Assets, schedules and the server name ports; deployment.ts alone picks the adapters.',
      { path: '^(assets|schedules|server)/' },
      { path: '^resources/', pathNot: '^resources/[^/]+/port\\.ts$' },
    ),
    rule(
      'assets-below-doors',
      'Assets know nothing of the doors they are served through.',
      { path: '^(assets|schedules|resources)/' },
      { path: '^(cli|server|client|web-ui)/|^(config|deployment)\\.ts$' },
    ),
    rule(
      'server-serves-any-deployment',
      'The server is given definitions and a store: it neither reads the environment nor knows the product or the command.',
      { path: '^server/' },
      { path: '^(cli|assets|schedules|sandbox)/|^(config|deployment|home)\\.ts$' },
    ),
    rule(
      'resources-below-assets',
      'An adapter serves any asset and names none.',
      { path: '^resources/' },
      { path: '^(assets|schedules|sandbox)/' },
    ),
    rule(
      'sandbox-is-outside',
      'The sandbox stands for the outside world: it shares the domain and nothing else.',
      { path: '^sandbox/' },
      { path: own, pathNot: '^(sandbox|market)/' },
    ),
    rule(
      'browser-knows-the-contract',
      'What runs in the browser talks to the server over HTTP: it shares the contract and nothing else.',
      { path: '^web-ui/' },
      { path: own, pathNot: '^(web-ui/|server/contract/)' },
    ),
    rule(
      'contract-stands-alone',
      'Requests and answers are described without those who ask or answer.',
      { path: '^server/contract/' },
      { path: own, pathNot: '^server/contract/' },
    ),
    rule('no-test-code', 'The product does not import its tests.', { path: own }, { path: '^(test|bench)/' }),
    ...Object.entries(libraries).map(([library, folder]) =>
      rule(
        `one-folder-${library.replace('@', '')}`,
        `${library} is wrapped in one folder, so it can be replaced there.`,
        { path: own, pathNot: folder },
        { path: `node_modules/${library}` },
      ),
    ),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    // The parser does not know JSX: what those files import is held to its rule by biome.json.
    exclude: { path: '^(dist|node_modules/(?!.*))|\\.tsx$' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json', '.css'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
}
