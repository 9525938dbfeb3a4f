import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:http'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import {
  allOf,
  daily,
  defineAsset,
  defineJob,
  defineSchedule,
  defineSensor,
  definitions,
  dynamic,
  eager,
  externalAsset,
  memoryIo,
  openEngine,
  provide,
  skip,
  sqliteStore,
} from '#pipeline'
import { keyFile, keyRing } from '../../../server/auth/key.ts'
import { bearerToken } from '../../../server/auth/links.ts'
import type { OpenServer, ServerOptions } from '../../../server/http/open-server.ts'
import { openServer } from '../../../server/http/open-server.ts'
import { silentHub } from '../../../server/live/silent-hub.ts'
import { temporaryFolder } from '../../cli/run-bullion.ts'

export interface Told {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly body: any
}

export interface Door {
  readonly server: OpenServer
  readonly folder: string
  readonly troubles: unknown[]
  readonly runs: readonly string[]
  readonly token: string
  /** As any program would ask; unlike `fetch` it may say whatever host it likes. */
  readonly ask: (path: string, on?: Asked) => Promise<Told>
  /** The same, by a caller with a token. */
  readonly call: (path: string, on?: Asked) => Promise<Told>
  /** The cookie and the token of a browser that opened a link. */
  readonly logIn: () => Promise<{ readonly cookie: string; readonly csrf: string }>
}

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** JSON, or text as it is. */
  readonly body?: unknown
}

/** A real server over a real store in which one day was made and one failed. */
export async function openDoor(options: Partial<ServerOptions> = {}): Promise<Door> {
  const folder = temporaryFolder()
  const engine = await openEngine({
    definitions: few,
    store: sqliteStore(join(folder, 'store.sqlite')),
    concurrency: 2,
  })
  onTestFinished(() => engine.close())
  const all = { assets: ['prices'], filter: { keys: {} }, mode: 'needed', now: engine.clock(), reason: 'test' } as const
  await engine.addKeys('shops', ['north'])
  const run = await engine.start(all)
  await run.result
  const key = keyFile(join(folder, 'web-key'))
  const webFolder = join(folder, 'web-ui')
  builtPages(webFolder)
  const troubles: unknown[] = []
  const server = await openServer({
    ...{ host: '127.0.0.1', port: 0, key, webFolder, live: silentHub(), checksAnswers: true, mostRequests: 100_000 },
    served: {
      engine,
      lake: noLake,
      about: {
        ...{ name: 'prices', isSandbox: true, version: '0.0.0', startedAt: 0, lakePlace: 'memory', queueKind: 'local' },
        store: { kind: 'sqlite', place: folder, bytes: () => null },
        settings: [],
      },
    },
    onTrouble: (error) => troubles.push(error),
    ...options,
  })
  onTestFinished(() => server.close())
  const token = await bearerToken(keyRing(options.key ?? key), 1)
  const ask = (path: string, on: Asked = {}) => asked(server.port, path, on)
  return {
    ...{ server, folder, troubles, token, ask, runs: [run.id] },
    call: (path, on = {}) => ask(path, { ...on, headers: { authorization: `Bearer ${token}`, ...on.headers } }),
    async logIn() {
      const { headers } = await ask((await server.link()).slice(server.url.length))
      const cookie = headers['set-cookie']![0]!.split(';')[0]!
      const { body } = await ask('/api/v1/session', { headers: { cookie } })
      return { cookie, csrf: body.csrfToken }
    },
  }
}

const date = daily({ since: '2024-01-01', until: '2024-01-03' })
const Row = z.strictObject({ n: z.int() })
const rates = externalAsset({ name: 'rates' })
const prices = defineAsset({
  name: 'prices',
  layer: 'bronze',
  description: 'what things cost',
  partitions: { date },
  output: Row,
  retry: { attempts: 1 },
  params: z.strictObject({ times: z.int().default(1) }),
  run({ partition, log }) {
    log.info('asked', { at: partition.date.start.getTime() })
    if (partition.date.start.getUTCDate() === 2) throw new Error('no such day')
    return [{ n: 1 }]
  },
})
const totals = defineAsset({
  name: 'totals',
  deps: { prices: allOf(prices, 'date') },
  output: Row,
  run: () => [{ n: 2 }],
})
const visits = defineAsset({
  name: 'visits',
  partitions: { date, shop: dynamic('shops') },
  output: Row,
  automation: eager(),
  run: () => [{ n: 3 }],
})
const job = defineJob({ name: 'ingest', assets: [prices] })
const few = definitions({
  assets: [rates, prices, totals, visits],
  resources: {},
  io: provide(memoryIo),
  schedules: [defineSchedule({ name: 'nightly', job, cron: '30 1 * * *' })],
  sensors: [
    defineSensor({ name: 'watch', job, every: '1m', cursor: z.number(), poll: async () => skip('nothing is new') }),
  ],
})

const noLake: ServerOptions['served']['lake'] = {
  limits: { rows: 100, memoryMb: 64, timeoutMs: 1_000 },
  catalogue: { name: 'catalogue', description: 'what is published', columns: [] },
  query: async () => ({ columns: [], rows: [], isCut: false }),
  download: async () => new Uint8Array(),
  firstRows: async () => ({ columns: [], rows: [], isCut: false }),
}

function builtPages(folder: string): void {
  mkdirSync(join(folder, 'assets'), { recursive: true })
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><meta property="csp-nonce" nonce="__CSP_NONCE__"><div id="root"></div>',
  )
  writeFileSync(join(folder, 'assets/index-1a2b3c.js'), `// ${randomBytes(2_000).toString('hex')}\n`)
  writeFileSync(join(folder, '..', 'secret.txt'), 'not for you')
}

export async function asked(port: number, path: string, { method = 'GET', headers = {}, body }: Asked): Promise<Told> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const isJson = body !== undefined && typeof body !== 'string'
  const { promise, resolve, reject } = Promise.withResolvers<Told>()
  const sent = request(
    {
      ...{ host: '127.0.0.1', port, method, path, agent: false },
      headers: { ...(isJson && { 'content-type': 'application/json' }), ...headers },
    },
    (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('error', reject)
      answer.on('end', () => {
        const whole = Buffer.concat(parts)
        const isText = answer.headers['content-encoding'] === undefined
        const said = isText ? whole.toString() : whole.toString('latin1')
        const isParsed = isText && (answer.headers['content-type'] ?? '').startsWith('application/json') && said !== ''
        resolve({
          ...{ status: answer.statusCode!, headers: answer.headers, text: said },
          body: isParsed ? JSON.parse(said) : undefined,
        })
      })
    },
  )
  sent.on('error', reject)
  sent.end(text)
  return promise
}
