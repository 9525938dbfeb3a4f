/** A way to a server that can be cut, closed, slowed down, stalled, silenced or made to lose answers. */

import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

export interface TcpProxy {
  readonly port: number
  /** How many connections were made through it. */
  readonly connections: number
  /** Ends all connections, as a network that resets them. New ones are let through. */
  cut(): void
  /** Ends all connections and those that come, until it is healed: the server is away. */
  down(): void
  /** Accepts connections and keeps those there are, but hands nothing on until it is healed; then all of it arrives. */
  stall(): void
  /** Ends what `down`, `stall` and `delay` began, and what `dropAnswers` and `cutAt` still wait for. */
  heal(): void
  /** Holds each piece of data back for a while, in both directions. */
  delay(ms: number): void
  /**
   * From when a client next sends this text, or anything: what is answered is swallowed and that connection then cut,
   * once. Resolves when that has happened.
   */
  dropAnswers(after?: string): Promise<void>
  /** When a client next sends this text, its connection is cut instead, once. Resolves when that has happened. */
  cutAt(text: string): Promise<void>
  /** Connections that are open now carry nothing any more and are not ended: the other side has silently died. */
  silence(): void
  close(): Promise<void>
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
  isSilent: boolean
  dropped: (() => void) | undefined
}

export async function tcpProxy(target: { readonly port: number }): Promise<TcpProxy> {
  const pairs = new Set<Pair>()
  let connections = 0
  let delayMs = 0
  let isDown = false
  /** What goes on once a stall is over. */
  let stalled: (() => void)[] | undefined
  let drop: { readonly after: string; readonly isDelivered: boolean; readonly done: () => void } | undefined

  const end = (pair: Pair) => {
    pairs.delete(pair)
    pair.client.destroy()
    pair.server.destroy()
  }
  const send = (to: Socket, data: Buffer) => {
    const go = () => void (to.destroyed || to.write(data))
    if (stalled) stalled.push(go)
    else if (delayMs === 0) go()
    else setTimeout(go, delayMs)
  }
  const unstall = () => {
    const waiting = stalled ?? []
    stalled = undefined
    for (const go of waiting) go()
  }

  const listener = createServer((client) => {
    client.on('error', () => {})
    if (isDown) return void client.destroy()
    connections += 1
    const pair: Pair = { client, server: connect(target.port, '127.0.0.1'), isSilent: false, dropped: undefined }
    pairs.add(pair)
    client.on('data', (data) => {
      if (pair.isSilent) return
      if (drop && data.includes(drop.after)) {
        const { isDelivered, done } = drop
        drop = undefined
        if (!isDelivered) {
          end(pair)
          return done()
        }
        pair.dropped = done
      }
      send(pair.server, data)
    })
    pair.server.on('data', (data) => {
      if (pair.isSilent) return
      if (!pair.dropped) return send(client, data)
      pair.dropped()
      end(pair)
    })
    for (const socket of [client, pair.server]) {
      socket.on('error', () => {})
      socket.on('close', () => pair.isSilent || end(pair))
    }
  })
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done))

  const cut = () => [...pairs].forEach(end)
  return {
    port: (listener.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    cut,
    down: () => {
      isDown = true
      cut()
    },
    stall: () => {
      stalled ??= []
    },
    heal: () => {
      isDown = false
      delayMs = 0
      drop = undefined
      unstall()
    },
    delay: (ms) => {
      delayMs = ms
    },
    dropAnswers: (after = '') =>
      new Promise((done) => {
        drop = { after, isDelivered: true, done }
      }),
    cutAt: (after) =>
      new Promise((done) => {
        drop = { after, isDelivered: false, done }
      }),
    silence: () => {
      for (const pair of pairs) pair.isSilent = true
    },
    async close() {
      const closed = new Promise((done) => listener.close(done))
      cut()
      await closed
    },
  }
}
