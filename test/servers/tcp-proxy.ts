/** A way to a server that can be cut, slowed down, silenced or made to lose answers. */

import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

export interface TcpProxy {
  readonly port: number
  /** How many connections were made through it. */
  readonly connections: number
  /** Ends all connections, as a network that resets them. */
  cut(): void
  /** Holds each piece of data back for a while, in both directions. */
  delay(ms: number): void
  /**
   * From when a client next sends this text: what is answered is swallowed and that connection then cut, once. Resolves
   * when that has happened.
   */
  dropAnswers(after: string): Promise<void>
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
  let drop: { readonly after: string; readonly isDelivered: boolean; readonly done: () => void } | undefined

  const end = (pair: Pair) => {
    pairs.delete(pair)
    pair.client.destroy()
    pair.server.destroy()
  }
  const send = (to: Socket, data: Buffer) => {
    if (delayMs === 0) to.write(data)
    else setTimeout(() => to.destroyed || to.write(data), delayMs)
  }

  const listener = createServer((client) => {
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

  return {
    port: (listener.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    cut: () => [...pairs].forEach(end),
    delay: (ms) => {
      delayMs = ms
    },
    dropAnswers: (after) =>
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
      for (const pair of [...pairs]) end(pair)
      await closed
    },
  }
}
