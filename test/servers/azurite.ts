import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob'

export interface Azurite {
  readonly port: number
  readonly credentials: { readonly accountKey: string }
  /** The URL of a new container; by way of another port if one is given, where a proxy may listen. */
  container(port?: number): Promise<string>
  /** By SIGKILL. Blobs stay, if it was started to keep them. */
  kill(): Promise<void>
  /** As it is asked to. */
  end(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

const account = 'devstoreaccount1'
/** The key that every Azurite has; it is printed in its manual. */
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

/** Azure's own emulator of Blob Storage on 127.0.0.1, in memory unless what it keeps has to outlive it. */
export async function azurite({ isKept = false } = {}): Promise<Azurite> {
  const program = resolve('node_modules/azurite/dist/src/blob/main.js')
  if (!existsSync(program)) throw new Error(`Azurite is not at "${program}"; run npm ci`)
  const folder = mkdtempSync(join(tmpdir(), 'bullion-azurite-'))
  const port = await freePort()
  let server: ChildProcess | undefined
  let containers = 0

  const start = async (): Promise<void> => {
    const options = ['--silent', '--disableTelemetry', '--skipApiVersionCheck', '--blobHost', '127.0.0.1']
    const where = isKept ? ['--location', folder] : ['--inMemoryPersistence']
    server = spawn(process.execPath, [program, ...options, '--blobPort', String(port), ...where], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    server.stderr!.on('data', (text) => {
      said += text
    })
    const until = Date.now() + 40_000
    while (!(await answers(port))) {
      if (server.exitCode !== null || Date.now() > until)
        throw new Error(`Azurite did not start: ${said || 'it said nothing'}`)
      await delay(50)
    }
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const gone = once(server, 'exit')
    server.kill(signal)
    await gone
  }

  // A test that fails before it stops the server must not leave it running.
  process.once('exit', () => server?.kill('SIGKILL'))
  await start()
  return {
    port,
    credentials: { accountKey },
    async container(by = port) {
      const name = `lake${++containers}`
      const url = (at: number) => `http://127.0.0.1:${at}/${account}/${name}`
      await new ContainerClient(url(port), new StorageSharedKeyCredential(account, accountKey)).create()
      return url(by)
    },
    kill: () => end('SIGKILL'),
    end: () => end('SIGTERM'),
    start,
    async stop() {
      await end('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
