import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { tcpProxy } from './tcp-proxy.ts'

/** A server that answers each line with the same line, behind a proxy; it knows what it was asked. */
async function echo() {
  const asked: string[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      asked.push(String(bytes))
      socket.write(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy = await tcpProxy({ port: (server.address() as AddressInfo).port })
  onTestFinished(async () => {
    await proxy.close()
    await new Promise((resolve) => server.close(resolve))
  })
  return { asked, proxy, client: () => open(proxy.port) }
}

async function open(port: number) {
  const socket: Socket = connect({ port, host: '127.0.0.1' })
  let text = ''
  let isOver = false
  const listeners = new Set<() => void>()
  const hear = () => {
    for (const listener of listeners) listener()
  }
  socket.on('data', (bytes) => {
    text += bytes
    hear()
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    isOver = true
    hear()
  })
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (condition()) resolve()
      }
      listeners.add(look)
      look()
    })
  return {
    say: (line: string) => void socket.write(line),
    said: () => text,
    heard: (line: string) => until(() => text.includes(line)),
    over: () => until(() => isOver),
  }
}

test('what is said comes through, in both directions', async () => {
  const { client, proxy } = await echo()
  const one = await client()
  one.say('hello')
  await one.heard('hello')
  expect(proxy.connections).toBe(1)
})

test('a cut ends connections, and new ones are let through', async () => {
  const { client, proxy } = await echo()
  const one = await client()
  one.say('hello')
  await one.heard('hello')

  proxy.cut()
  await one.over()

  const other = await client()
  other.say('again')
  await other.heard('again')
})

test('while the server is away no connection lives, until it is healed', async () => {
  const { client, proxy } = await echo()
  const one = await client()
  one.say('hello')
  await one.heard('hello')

  proxy.down()
  await one.over()
  await (await client()).over()
  proxy.heal()

  const other = await client()
  other.say('again')
  await other.heard('again')
})

test('answers that are dropped were asked for all the same', async () => {
  const { asked, client, proxy } = await echo()
  const one = await client()
  const dropped = proxy.dropAnswers()
  one.say('do it')
  await Promise.all([dropped, one.over()])

  expect(asked).toEqual(['do it'])
  expect(one.said()).toBe('')
})

test('what is said during a stall arrives after it', async () => {
  const { asked, client, proxy } = await echo()
  const before = await client()
  before.say('one')
  await before.heard('one')
  proxy.stall()
  before.say('two')
  const during = await client()
  during.say('three')
  await expect.poll(() => proxy.connections).toBe(2)
  expect(asked).toEqual(['one'])

  proxy.heal()
  await Promise.all([before.heard('two'), during.heard('three')])
})

test('a delay holds everything back', async () => {
  const { client, proxy } = await echo()
  const one = await client()
  proxy.delay(50)
  const begin = performance.now()
  one.say('late')
  await one.heard('late')
  expect(performance.now() - begin).toBeGreaterThan(95)
})
