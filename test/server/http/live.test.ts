import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Change } from '../../../server/contract/overview.ts'
import { merged } from '../../../server/http/live.ts'
import type { LiveHub } from '../../../server/live/hub.ts'
import type { Door } from './open-door.ts'
import { openDoor } from './open-door.ts'

const change = (event: number, of: Partial<Change> = {}): Change => ({
  ...{ at: 1_700_000_000_000 + event, event, assets: [], runs: [], automations: [], workers: false },
  ...of,
})

/** A hub that tells what a test says. */
function saidHub() {
  const listeners = new Set<(change: Change) => void>()
  const live: LiveHub = {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => undefined,
  }
  return { live, listeners, say: (one: Change) => listeners.forEach((listener) => void listener(one)) }
}

/** A stream, and what it has said so far. */
async function listen({ server, token }: Door) {
  const gone = new AbortController()
  onTestFinished(() => gone.abort())
  const answer = await fetch(`${server.url}/api/v1/live`, {
    ...{ signal: gone.signal, headers: { authorization: `Bearer ${token}`, 'accept-encoding': 'br' } },
  })
  let text = ''
  const end = (async () => {
    for await (const part of answer.body!.pipeThrough(new TextDecoderStream())) text += part
  })().catch(() => undefined)
  return { answer, end, leave: () => gone.abort(), text: () => text }
}

test('a change arrives at all who listen, as an event with its number', async () => {
  const { live, say, listeners } = saidHub()
  const door = await openDoor({ live })
  const [first, second] = [await listen(door), await listen(door)]

  await expect.poll(() => listeners.size).toBe(2)
  say(change(7, { automations: ['nightly'] }))

  for (const { answer, text } of [first, second]) {
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
    expect(answer.headers.get('content-encoding')).toBeNull()
    expect(answer.headers.get('content-security-policy')).toMatch("default-src 'none'")
    const data = JSON.stringify(change(7, { automations: ['nightly'] }))
    await expect.poll(text).toBe(`retry: 1000\n\nid: 7\nevent: change\ndata: ${data}\n\n`)
  }
  first.leave()
  await expect.poll(() => listeners.size).toBe(1)
})

test('streams end when the server does', async () => {
  const { live, listeners } = saidHub()
  const door = await openDoor({ live })
  const { end, text } = await listen(door)
  await expect.poll(text).toBe('retry: 1000\n\n')

  await door.server.close()

  await end
  expect(listeners.size).toBe(0)
})

test('at most two hundred streams are open, and one that ends makes room', async () => {
  const { live, listeners } = saidHub()
  const door = await openDoor({ live })
  const streams = await Promise.all(Array.from({ length: 200 }, () => listen(door)))

  const { status, body, headers } = await door.call('/api/v1/live')
  expect([status, body.error.code, headers['retry-after']]).toEqual([503, 'live.full', '1'])
  streams[0]!.leave()
  await expect.poll(() => listeners.size).toBe(199)
  expect((await listen(door)).answer.status).toBe(200)
})

test('who reads too slowly is told the newest of each thing, and keeps nobody waiting', async () => {
  const { live, say, listeners } = saidHub()
  const door = await openDoor({ live })
  const quick = await listen(door)
  const slow = connect(door.server.port, '127.0.0.1')
  onTestFinished(() => void slow.destroy())
  slow.write(
    `GET /api/v1/live HTTP/1.1\r\nhost: 127.0.0.1:${door.server.port}\r\nauthorization: Bearer ${door.token}\r\n\r\n`,
  )
  await once(slow, 'data')
  slow.pause()
  await expect.poll(() => listeners.size).toBe(2)
  const long = 'x'.repeat(20_000)

  const count = 2_000
  for (let event = 1; event <= count; event++) {
    say(change(event, { automations: [`${long}${event % 3}`] }))
    // What is read is read between two turns.
    if (event % 50 === 0) await new Promise(setImmediate)
  }
  await expect.poll(quick.text, { timeout: 20_000 }).toContain(`id: ${count}\n`)
  let read = ''
  slow.on('data', (part) => {
    read += part
  })
  slow.resume()

  await expect.poll(() => read, { timeout: 20_000 }).toContain(`id: ${count}\n`)
  expect(read.split('event: change').length).toBeLessThan(count / 2)
})

test('two changes as one hold the newer of each thing', () => {
  const pulse = (asset: string, rows: number) => ({ asset, rows }) as Change['assets'][number]
  const run = (id: string, lastEvent: number) => ({ run: id, lastEvent }) as Change['runs'][number]

  const both = merged(
    change(1, { assets: [pulse('a', 1), pulse('b', 1)], runs: [run('x', 1)], automations: ['n'], workers: true }),
    change(2, { assets: [pulse('b', 2)], runs: [run('x', 2), run('y', 2)], automations: ['n', 'm'] }),
  )

  expect(both).toEqual(
    change(2, {
      assets: [pulse('a', 1), pulse('b', 2)],
      runs: [run('x', 2), run('y', 2)],
      ...{ automations: ['n', 'm'], workers: true },
    }),
  )
})
