import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '#pipeline'
import { openEngine, sqliteStore } from '#pipeline'
import { buildWebUi } from '../../bin/build-web-ui.js'
import type { GlobalOptions, WriterContext } from '../../cli/context.ts'
import { servedOf } from '../../cli/served.ts'
import { readConfig } from '../../config.ts'
import { deployment } from '../../deployment.ts'
import type { Home } from '../../home.ts'
import { storeFile } from '../../home.ts'
import { binance } from '../../resources/exchange/plugins/binance.ts'
import { exchangeRegistry } from '../../resources/exchange/registry.ts'
import type { Faults } from '../../sandbox/faults.ts'
import { startSandbox } from '../../sandbox/server.ts'
import type { Served } from '../../server/served.ts'
import { openDoor } from './door.ts'

/** The product on invented candles of a few markets, with its pages, in a folder of its own, until it is closed. */
export async function openDeployment({
  since,
  markets = ['BTC-USDT', 'ETH-USDT'],
  clock,
  environment = {},
}: {
  readonly since: string
  readonly markets?: readonly string[]
  readonly clock?: () => number
  /** What its process is set by. */
  readonly environment?: Readonly<Record<string, string>>
}) {
  await buildWebUi()
  const path = mkdtempSync(join(tmpdir(), 'bullion-web-'))
  const open = new AsyncDisposableStack()
  open.defer(() => rmSync(path, { recursive: true, force: true }))
  const home: Home = {
    path,
    settings: {
      ...{ version: 1, kind: 'sandbox', exchange: 'binance', source: { type: 'generated', seed: 1 }, interval: '1m' },
      ...{ since, markets: [...markets] },
    },
  }
  const config = readConfig(environment, () => undefined)
  const sandbox = await startSandbox({ seed: 1 })
  open.defer(() => sandbox.close())
  // One that is down is asked again soon, so that nobody has to wait for the end of this test.
  const retry = { baseMs: 10, openMs: 200 }
  const exchange = () => exchangeRegistry([binance]).open('binance', { sandboxUrl: sandbox.url, retry })
  const store = sqliteStore(storeFile(path))
  const definitions = deployment({ home, config, exchange, store: () => store })
  const engine = await openEngine({ definitions, store, concurrency: 4, ...(clock && { clock }) })
  open.defer(() => engine.close())
  const { lake, about } = servedOf({ home, config, definitions, store, engine } as WriterContext, {} as GlobalOptions)
  const pages = await openPages({ engine, path, lake, settings: about.settings })
  open.defer(() => pages.close())
  return {
    ...{ engine, server: pages.server, troubles: pages.troubles },
    close: () => open.disposeAsync(),
    /** What the exchange does wrong from now on. */
    misbehave: (faults: Faults) => sandbox.setFaults(faults),
    /** Makes days, as text such as `2024-01-01..2024-01-05`, of all but the release. */
    async make(from: string, to: string) {
      const spans = [{ start: Date.parse(from), end: Date.parse(to) }]
      const run = await engine.start({
        assets: ['bronze_binance_ohlcv', 'silver_ohlcv_normalized', 'silver_ohlcv_resampled'],
        filter: { spans, keys: {} },
        ...{ mode: 'needed', now: engine.clock(), reason: 'the days before' },
      })
      return run.result
    },
  }
}

/** The pages of an engine, to this machine alone. */
export async function openPages({
  engine,
  lake,
  path,
  name = '1m candles of sandbox-binance',
  settings = [],
}: {
  readonly engine: Engine
  readonly lake: Served['lake']
  readonly path: string
  readonly name?: string
  readonly settings?: Served['about']['settings']
}) {
  const served: Served = {
    ...{ engine, lake },
    about: {
      ...{ name, isSandbox: true, version: '0.1.0', startedAt: Date.now() },
      ...{ lakePlace: join(path, 'lake'), queueKind: 'none', settings },
      store: { kind: 'SQLite', place: storeFile(path), bytes: () => null },
    },
  }
  const server = await openDoor(served, path)
  return { server, troubles: server.troubles, close: server.shut }
}
