/** A Redis of its own on 127.0.0.1 that writes what it is told to disk once a second, for tests to stop, kill and empty. */

import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RedisServer {
  readonly url: string
  pid(): number
  /** Ends it as a careful operator would: everything it was told is on disk. */
  stop(): Promise<void>
  /** Ends it as a power cut would: the last second may be lost. */
  kill(): Promise<void>
  /** Starts it again where it was; `empty` forgets all it knew. */
  start(options?: { readonly empty?: boolean }): Promise<void>
  close(): Promise<void>
}

/** Throws if redis-server is not installed. */
export async function redisServer(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'bullion-redis-'))
  const port = await freePort()
  let server = await started(port, folder)

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill(signal)
    await ended
  }

  return {
    url: `redis://127.0.0.1:${port}`,
    pid: () => server.pid!,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async start({ empty = false } = {}) {
      await end('SIGTERM')
      if (empty) await rm(join(folder, 'appendonlydir'), { recursive: true, force: true })
      server = await started(port, folder)
    },
    async close() {
      await end('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function started(port: number, folder: string): Promise<ChildProcess> {
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder]
  const durability = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec']
  const server = spawn('redis-server', [...options, ...durability], { stdio: 'ignore' })
  let failure: Error | undefined
  server.once('error', (error) => {
    failure = new Error('redis-server is not installed; install it: apt-get install -y redis-server', { cause: error })
  })
  for (let tries = 0; tries < 1_000; tries++) {
    if (failure) throw failure
    if (server.exitCode !== null) throw new Error(`redis-server ended with code ${server.exitCode} before it listened`)
    if (await answers(port)) return server
    await sleep(10)
  }
  server.kill('SIGKILL')
  throw new Error(`redis-server did not answer on port ${port} within 10 s`)
}

/** It listens before it has read its files; until then it refuses everything but a PING that it answers with an error. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    const end = (isReady: boolean) => {
      socket.destroy()
      resolve(isReady)
    }
    socket.once('data', (data) => end(data.toString().startsWith('+PONG')))
    socket.once('error', () => end(false))
    socket.setTimeout(1_000, () => end(false))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
