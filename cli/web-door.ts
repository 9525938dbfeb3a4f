import { fileURLToPath } from 'node:url'
import { BadInput } from '../config.ts'
import type { OpenServer } from '../server/http/open-server.ts'
import { openServer } from '../server/http/open-server.ts'
import { openLiveHub } from '../server/live/hub.ts'
import { pulses } from '../server/query/pulse.ts'
import type { GlobalOptions, WriterContext } from './context.ts'
import { servedOf } from './served.ts'
import { noteAddress, webKey } from './web-records.ts'

const host = '127.0.0.1'
const usualPort = 4000
const portsTried = 10

export interface DoorOptions extends GlobalOptions {
  /** Where it must be; one of the usual ones if absent. */
  readonly port?: number
  readonly readOnly?: boolean
}

export interface WebDoor {
  readonly url: string
  /** Whether others had the usual port already. */
  readonly isElsewhere: boolean
  /** A link that lets a browser in, once. */
  link(): Promise<string>
  close(): Promise<void>
}

/** Opens the pages and the API of a deployment, to this machine alone. */
export async function openWebDoor(context: WriterContext, options: DoorOptions): Promise<WebDoor> {
  const served = servedOf(context, options)
  const onTrouble = (error: unknown): void =>
    void process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
  const live = openLiveHub(served, onTrouble)
  const open = (port: number): Promise<OpenServer> =>
    openServer({
      ...{ served, live, host, port, webFolder: webFolder(), isReadOnly: options.readOnly ?? false },
      key: webKey(context.config, context.home.path, async () => context.store),
      onTrouble,
    })
  const server = options.port === undefined ? await openNear(usualPort, open) : await openAt(options.port, open)
  const forget = noteAddress(context.home.path, server.url)
  // The first look at a large store takes seconds: it begins before anybody asks.
  pulses(served.engine).all().catch(onTrouble)
  return {
    url: server.url,
    isElsewhere: options.port === undefined && server.port !== usualPort,
    link: () => server.link(),
    async close() {
      forget()
      await server.close()
      live.close()
    },
  }
}

const isTaken = (error: unknown) => (error as NodeJS.ErrnoException).code === 'EADDRINUSE'

async function openAt<T>(port: number, open: (port: number) => Promise<T>): Promise<T> {
  try {
    return await open(port)
  } catch (error) {
    if (!isTaken(error)) throw error
    throw new BadInput(`port ${port} is taken by another process; choose another with --port`, { cause: error })
  }
}

async function openNear<T>(first: number, open: (port: number) => Promise<T>): Promise<T> {
  for (let port = first; port < first + portsTried; port++) {
    try {
      return await open(port)
    } catch (error) {
      if (!isTaken(error)) throw error
    }
  }
  throw new BadInput(`ports ${first} to ${first + portsTried - 1} are taken; choose another with --port`)
}

/** As source this file is one folder below the package, as built it is beside the pages. */
const webFolder = (): string =>
  fileURLToPath(new URL(import.meta.url.endsWith('.js') ? '../web-ui' : '../dist/web-ui', import.meta.url))
