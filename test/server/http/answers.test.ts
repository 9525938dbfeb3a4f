import { once } from 'node:events'
import { connect } from 'node:net'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { PipelineError } from '#pipeline'
import type { Call } from '../../../server/served.ts'
import { Refusal } from '../../../server/served.ts'
import { openDoor } from './open-door.ts'

/** Handlers that answer what a test says, in place of the usual ones. */
const answering = (some: object) => ({ handlers: some as never })
const json = { 'content-type': 'application/json' }

test('an answer that is known already is not sent again', async () => {
  const { call } = await openDoor()

  const first = await call('/api/v1/session')
  const { etag } = first.headers as { etag: string }
  const again = await call('/api/v1/session', { headers: { 'if-none-match': `"x", ${etag}` } })
  const other = await call('/api/v1/session', { headers: { 'if-none-match': '"x"' } })

  expect(first.headers).toMatchObject({
    etag: expect.stringMatching(/^W\/"[\w-]{43}"$/),
    'cache-control': 'private, no-cache',
  })
  expect([again.status, again.text, again.headers.etag]).toEqual([304, '', etag])
  expect([other.status, other.headers.etag]).toEqual([200, etag])
})

test('long answers are compressed, as the caller can read them', async () => {
  const { call } = await openDoor()
  const plain = await call('/openapi.json')

  for (const [encoding, read] of [
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const) {
    const { headers, text } = await call('/openapi.json', { headers: { 'accept-encoding': encoding } })
    expect(headers).toMatchObject({ 'content-encoding': encoding, etag: plain.headers.etag })
    expect(headers.vary).toMatch(/accept-encoding/i)
    expect(read(Buffer.from(text, 'latin1')).toString()).toBe(plain.text)
    const known = await call('/openapi.json', {
      headers: { 'accept-encoding': encoding, 'if-none-match': headers.etag! },
    })
    expect([known.status, known.text]).toEqual([304, ''])
  }
  expect(plain.headers['content-encoding']).toBeUndefined()
  expect(
    (await call('/api/v1/session', { headers: { 'accept-encoding': 'br' } })).headers['content-encoding'],
  ).toBeUndefined()
})

test('HEAD says what GET would, without it', async () => {
  const { call } = await openDoor()

  for (const path of ['/api/v1/session', '/docs', '/openapi.json', '/', '/assets/index-1a2b3c.js', '/health']) {
    const [get, head] = [await call(path), await call(path, { method: 'HEAD' })]
    expect([head.status, head.text, head.headers['content-type']], path).toEqual([200, '', get.headers['content-type']])
    expect(head.headers['content-length'], path).toBe(get.headers['content-length'])
  }
  expect(await call('/api/v1/live', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
})

test('a path that is there is told from one that is not, by any method', async () => {
  const { ask, call } = await openDoor()

  const wrong = await call('/api/v1/runs', { method: 'DELETE' })
  expect(wrong).toMatchObject({
    status: 405,
    headers: { allow: 'GET, HEAD, POST' },
    body: { error: { code: 'method.unknown' } },
  })
  expect((await call('/api/v1/plans')).headers.allow).toBe('POST')
  expect(await call('/api/v1/session', { method: 'OPTIONS' })).toMatchObject({
    status: 405,
    headers: { allow: 'GET, HEAD' },
  })
  for (const path of ['/api/v1/nothing', '/api/v2/runs', '/api', '/none.js', '/assets/none.js']) {
    expect((await call(path)).body, path).toMatchObject({ error: { code: 'path.unknown', status: 404 } })
  }
  const posted = await call('/nothing', { method: 'POST', headers: json, body: '{}' })
  expect([posted.status, posted.body.error.code]).toEqual([404, 'path.unknown'])
  expect((await ask('/api/v1/nothing', { method: 'PUT' })).status).toBe(401)
})

test('what is wrong with a request is said with its place', async () => {
  const { call } = await openDoor()
  const messageOf = async (path: string, body?: unknown) => {
    const told = await call(path, body === undefined ? {} : { method: 'POST', headers: json, body })
    expect(told.body.error).toMatchObject({ status: 400, code: 'request.invalid' })
    return told.body.error.message
  }

  expect(await messageOf('/api/v1/runs?limit=0')).toMatch(/^query\.limit: /)
  expect(await messageOf('/api/v1/runs?limt=5')).toMatch(/^query: .*"limt"/)
  expect(await messageOf('/api/v1/runs?limit=1&limit=2')).toMatch(/^query\.limit: /)
  expect(await messageOf(`/api/v1/runs/${'x'.repeat(200)}`)).toMatch(/^path\.run: /)
  expect(await messageOf('/api/v1/runs', { selection: 1 })).toMatch(/^body\.selection: /)
  expect(await messageOf('/api/v1/runs', { selection: '*', tags: { a: 1 } })).toMatch(/^body\.tags\.a: /)
  expect(await messageOf('/api/v1/runs', { selection: '*', more: 1 })).toMatch(/^body: .*"more"/)
  expect(await messageOf('/api/v1/runs', '{"selection":')).toBe('body: expected JSON')
  expect(await messageOf('/api/v1/runs', '')).toMatch(/^body: /)
  expect(await messageOf('/api/v1/runs', '[]')).toMatch(/^body: /)
  expect(await messageOf('/api/v1/runs', '{"selection":"*","__proto__":{}}')).toMatch(/"__proto__"/)
  expect(
    await messageOf(
      '/api/v1/runs',
      `{"selection":"*","params":{"a":{"b":${'['.repeat(100_000)}${']'.repeat(100_000)}}}}`,
    ),
  ).toMatch(/64/)
  expect(await messageOf('/api/v1/runs/x/cancel', { more: 1 })).toMatch(/^body: .*"more"/)
  expect(await messageOf('/api/v1/runs/%')).toMatch(/path/)
})

test('a request that is too large is refused before it is read', async () => {
  const { call, server } = await openDoor()
  const body = JSON.stringify({ selection: 'x'.repeat(1_100_000) })

  expect((await call('/api/v1/runs', { method: 'POST', headers: json, body })).body.error).toMatchObject({
    status: 413,
    code: 'body.too-large',
  })
  const long = await call(`/api/v1/runs?q=${'x'.repeat(20_000)}`)
  expect(long.body.error).toMatchObject({ status: 431, code: 'headers.too-large' })
  expect(await said(server.port, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*"code":"request\.invalid"/s)
  expect((await call('/api/v1/session')).status).toBe(200)
})

/** What is answered to bytes that no client of ours would send. */
async function said(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (part) => {
    answer += part
  })
  socket.write(text)
  await once(socket, 'close')
  return answer
}

test.each([
  [new PipelineError('run.unknown', { run: 'x' }), 404, 'run.unknown', /no run has the id "x"/],
  [
    new PipelineError('run.unfinished', { run: 'x', status: 'running' }),
    409,
    'run.unfinished',
    /only a run that is over/,
  ],
  [new PipelineError('partition.malformed', { key: 'x', expected: 'y' }), 400, 'partition.malformed', /does not fit/],
  [new PipelineError('past.removed', { asset: 'a', key: 'k', at: 't' }), 410, 'past.removed', /given up/],
  [
    new PipelineError('store.unreachable', { where: 'db', seconds: 9, why: 'w' }),
    503,
    'store.unreachable',
    /has not answered/,
  ],
  [new Refusal(409, 'run.nothing', 'there is nothing to make'), 409, 'run.nothing', /nothing to make/],
  [Object.assign(new Error('only SELECT'), { name: 'QueryRefused' }), 400, 'query.refused', /only SELECT/],
])('what a handler refuses is told as it is: %s', async (thrown, status, code, message) => {
  const run = async () => {
    throw thrown
  }
  const { call, troubles } = await openDoor(answering({ run }))

  expect((await call('/api/v1/runs/x')).body).toEqual({
    error: { code, status, message: expect.stringMatching(message) },
  })
  expect(troubles).toEqual([])
})

test.each([
  new Error('password of the database'),
  new PipelineError('asset.duplicate', { asset: 'secret' }),
  'password',
  Object.assign(new Error('password'), { statusCode: 404, code: 'ENOENT' }),
])('what breaks here is told to the process and not to the caller: %s', async (thrown) => {
  const run = async () => {
    throw thrown
  }
  const { call, troubles } = await openDoor(answering({ run }))

  const { status, body, text } = await call('/api/v1/runs/x')

  expect([status, body.error.code]).toEqual([500, 'internal'])
  expect(text).not.toMatch(/password|secret/)
  expect(troubles).toEqual([thrown])
})

test('an answer that does not follow the contract is found out where that is asked for', async () => {
  const run = async () => ({ more: 1 })
  const { call, troubles } = await openDoor(answering({ run }))

  expect((await call('/api/v1/runs/x')).status).toBe(500)
  expect(troubles).toHaveLength(1)
})

test('what no handler answers yet says so', async () => {
  const { call } = await openDoor(answering({}))

  expect((await call('/api/v1/workers')).body.error).toMatchObject({ status: 501, code: 'not.here' })
})

test('a file comes with its type and a name to keep it under', async () => {
  const sqlDownload = async () => ({
    contentType: 'text/csv',
    fileName: 'a "b"\r\n.csv',
    bytes: new TextEncoder().encode('a\n1\n'),
  })
  const { call } = await openDoor(answering({ sqlDownload }))

  const told = await call('/api/v1/sql/download', { method: 'POST', body: { text: 'select 1', format: 'csv' } })

  expect([told.status, told.text]).toEqual([200, 'a\n1\n'])
  expect(told.headers).toMatchObject({
    'content-type': expect.stringMatching(/^text\/csv/),
    'content-disposition': 'attachment; filename="a__b___.csv"',
  })
})

test('who goes away is not worked for any longer', async () => {
  const asked = Promise.withResolvers<AbortSignal>()
  const over = Promise.withResolvers<void>()
  const sql = async (_: unknown, __: unknown, { signal }: { readonly signal: AbortSignal }) => {
    asked.resolve(signal)
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    over.resolve()
    throw signal.reason
  }
  const { server, token, troubles } = await openDoor(answering({ sql }))
  const leave = new AbortController()
  const answer = fetch(`${server.url}/api/v1/sql`, {
    ...{ method: 'POST', body: '{"text":"select 1"}', signal: leave.signal },
    headers: { ...json, authorization: `Bearer ${token}` },
  })

  expect((await asked.promise).aborted).toBe(false)
  leave.abort()

  await expect(answer).rejects.toThrow(/abort/)
  await over.promise
  expect(troubles).toEqual([])
})

test('three queries are answered at once; a fourth is told to ask again', async () => {
  const go = Promise.withResolvers<void>()
  let running = 0
  const sql = async () => {
    running++
    await go.promise
    return { columns: [], rows: [], isCut: false, tookMs: 0 }
  }
  const { call } = await openDoor({ ...answering({ sql }), checksAnswers: false })
  const query = () => call('/api/v1/sql', { method: 'POST', body: { text: 'select 1' } })

  const answered = [query(), query(), query()]
  await expect.poll(() => running).toBe(3)
  const refused = await query()
  go.resolve()

  expect([refused.status, refused.body.error.code, refused.headers['retry-after']]).toEqual([503, 'sql.busy', '1'])
  for (const { status } of await Promise.all(answered)) expect(status).toBe(200)
  expect((await query()).status).toBe(200)
})

test('eight previews are read at once, each as long as its caller is there', async () => {
  const go = Promise.withResolvers<void>()
  const signals: AbortSignal[] = []
  const preview = async (_: unknown, __: unknown, { signal }: Call) => {
    signals.push(signal)
    await go.promise
    return { columns: [], rows: [], isCut: false, tookMs: 0 }
  }
  const { call } = await openDoor({ ...answering({ preview }), checksAnswers: false })
  const look = () => call('/api/v1/assets/prices/preview')

  const answered = Array.from({ length: 8 }, look)
  await expect.poll(() => signals.length).toBe(8)
  const refused = await look()
  go.resolve()

  expect([refused.status, refused.body.error.code]).toEqual([503, 'sql.busy'])
  for (const { status } of await Promise.all(answered)) expect(status).toBe(200)
})

test('a caller who asks too often is told when to ask again, and others are not', async () => {
  const { ask, call, logIn } = await openDoor({ mostRequests: 20 })
  const { cookie } = await logIn()

  const told = await Promise.all(Array.from({ length: 25 }, () => call('/api/v1/session')))

  const refused = told.filter(({ status }) => status === 429)
  expect(refused).toHaveLength(5)
  expect(refused[0]!.body.error.code).toBe('rate.exceeded')
  expect(Number(refused[0]!.headers['retry-after'])).toBeGreaterThan(0)
  expect((await ask('/api/v1/session', { headers: { cookie } })).status).toBe(200)
})

test('the files of the pages are kept by browsers for ever, and nothing beside them is sent', async () => {
  const { call } = await openDoor()

  const script = await call('/assets/index-1a2b3c.js')
  expect(script.headers).toMatchObject({ 'cache-control': 'public, max-age=31536000, immutable' })
  expect(script.headers['content-type']).toMatch(/javascript/)
  for (const path of [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/assets//../../secret.txt',
    '/%2e%2e/web-key.txt',
    '/%252e%252e/secret.txt',
    '/assets/%00.js',
    '//etc/passwd.txt',
    '/.env.txt',
    '/assets/.js',
  ]) {
    const { status, text } = await call(path)
    expect([path, status]).toEqual([path, expect.toSatisfy((code) => code === 404 || code === 400)])
    expect(text).not.toContain('not for you')
  }
})

test('pages that are not built say how to build them', async () => {
  const { call } = await openDoor({ webFolder: '/nowhere' })

  const told = await call('/')

  expect([told.status, told.text]).toEqual([503, expect.stringContaining('npm run build:web')])
  expect((await call('/assets/index.js')).status).toBe(404)
})
