/** A throw-away PostgreSQL server on 127.0.0.1, durable as a real one, with a database for each test that wants one. */

import { execFile, execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'

/** `fast` ends connections in order; `immediate` is a crash: the next start recovers from the log. */
export type StopMode = 'fast' | 'immediate'

export interface PostgresServer {
  readonly port: number
  /** Of the database that is there from the start. */
  readonly url: string
  /** The url of a new, empty database. */
  createDatabase(): Promise<string>
  start(): Promise<void>
  stop(mode: StopMode): Promise<void>
  restart(mode: StopMode): Promise<void>
  /** Ends the server and removes its files. */
  close(): Promise<void>
}

const run = promisify(execFile)

/** Takes about two seconds: one server a test file. `settings` are lines of its configuration, as `wal_level=logical`. */
export async function postgresServer(settings: readonly string[] = []): Promise<PostgresServer> {
  const bin = binaries()
  const user = serverUser()
  const folder = mkdtempSync(join(tmpdir(), 'bullion-postgres-'))
  const data = join(folder, 'data')
  mkdirSync(data)
  for (const path of [folder, data]) if (user.uid !== undefined) chownSync(path, user.uid, user.gid!)
  const as = { ...user, cwd: folder, env: { PATH: process.env.PATH, LC_ALL: 'C' } }
  const port = await freePort()
  const url = (database: string) => `postgres://ci@127.0.0.1:${port}/${database}`

  const options = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', ...settings]
  const log = join(folder, 'log')
  const control = async (...args: readonly string[]) => {
    try {
      await run(join(bin, 'pg_ctl'), ['-D', data, '-w', '-s', ...args], as)
    } catch (error) {
      throw new Error(`PostgreSQL did not ${args[0]}:\n${readFileSync(log, 'utf8').slice(-2_000)}`, { cause: error })
    }
  }
  const start = () => control('start', '-l', log, '-o', options.map((option) => `-c ${option}`).join(' '))
  const stop = (mode: StopMode) => control('stop', '-m', mode)

  // Words in the order of a language, as most deployments have them: what wants the order of bytes must say so.
  const words = ['-E', 'UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en']
  try {
    await run(join(bin, 'initdb'), ['-D', data, '-U', 'ci', '--auth=trust', '-N', ...words], as)
    await start()
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }

  let isUp = true
  let databases = 0
  const server: PostgresServer = {
    ...{ port, url: url('postgres') },
    async createDatabase() {
      const name = `test${++databases}`
      const client = new Client(url('postgres'))
      await client.connect()
      try {
        await client.query(`create database ${name}`)
      } finally {
        await client.end()
      }
      return url(name)
    },
    async start() {
      await start()
      isUp = true
    },
    async stop(mode) {
      await stop(mode)
      isUp = false
    },
    async restart(mode) {
      await server.stop(mode)
      await server.start()
    },
    async close() {
      if (isUp) await server.stop('immediate')
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return server
}

/** Debian keeps them by version, out of the way of PATH. */
function binaries(): string {
  const root = '/usr/lib/postgresql'
  try {
    const [newest] = readdirSync(root).sort((a, b) => Number(b) - Number(a))
    const bin = join(root, newest!, 'bin')
    execFileSync(join(bin, 'initdb'), ['--version'], { stdio: 'ignore' })
    return bin
  } catch (cause) {
    throw new Error(`no PostgreSQL server was found under ${root}; install it: apt-get install -y postgresql-15`, {
      cause,
    })
  }
}

/** PostgreSQL refuses to run as root. */
function serverUser(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve((address as { port: number }).port))
    })
  })
}
