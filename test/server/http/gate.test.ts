import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keyFile, keyRing } from '../../../server/auth/key.ts'
import { bearerToken, linkPath } from '../../../server/auth/links.ts'
import { newClaims, sign } from '../../../server/auth/signed.ts'
import { temporaryFolder } from '../../cli/run-bullion.ts'
import type { Asked, Door } from './open-door.ts'
import { openDoor } from './open-door.ts'

const minute = 60_000
const json = { 'content-type': 'application/json' }
const start = { method: 'POST', body: { selection: '*' } } as const

const codeOf = async (asked: Promise<{ readonly status: number; readonly body: any }>) => {
  const { status, body } = await asked
  return [status, body?.error?.code]
}

test('nothing is answered to who is not known, but whether the server lives and how to log in', async () => {
  const { ask } = await openDoor()

  for (const path of ['/health', '/ready']) expect((await ask(path)).status).toBe(200)
  expect((await ask('/door.css')).headers['content-type']).toMatch('text/css')
  expect((await ask('/favicon.ico')).status).toBe(204)
  const login = await ask('/login')
  expect([login.status, login.text]).toEqual([401, expect.stringContaining('bullion link')])
  expect(login.text).not.toMatch(/<script|<style|style=/)
  for (const path of [
    '/api/v1/session',
    '/api/v1/live',
    '/api/v1/none',
    '/openapi.json',
    '/assets/index-1a2b3c.js',
    '/x.js',
  ]) {
    expect(await codeOf(ask(path)), path).toEqual([401, 'caller.unknown'])
  }
  expect(await codeOf(ask('/api/v1/runs', start))).toEqual([401, 'caller.unknown'])
  expect((await ask('/api/v1/runs')).headers['www-authenticate']).toBe('Bearer')
})

test('who opens a page without a session is sent to the login, which leads back', async () => {
  const { ask, server } = await openDoor()

  expect(await ask('/')).toMatchObject({ status: 303, headers: { location: '/login' } })
  expect((await ask('/assets/prices?tab=runs')).headers.location).toBe('/login?next=%2Fassets%2Fprices%3Ftab%3Druns')
  expect((await ask('/docs')).headers.location).toBe('/login?next=%2Fdocs')
  const link = (await server.link('/assets/prices?tab=runs')).slice(server.url.length)
  expect(await ask(link)).toMatchObject({ status: 303, headers: { location: '/assets/prices?tab=runs' } })
})

test.each([
  '//evil.example',
  '/\\evil.example',
  'https://evil.example',
  '/\t/evil.example',
  '/login?next=/',
  'evil',
  '',
])('a link leads nowhere but here: %j', async (next) => {
  const { ask, server } = await openDoor()

  const { headers } = await ask((await server.link(next)).slice(server.url.length))

  expect(headers.location).toBe('/')
})

test('a link opens the door once, by a cookie that scripts and other sites do not get', async () => {
  const { ask, server } = await openDoor()
  const link = (await server.link()).slice(server.url.length)

  // What previews links does not use them up.
  expect((await ask(link, { method: 'HEAD' })).status).toBe(401)
  const opened = await ask(link)
  const [cookie] = opened.headers['set-cookie']!

  expect(opened).toMatchObject({ status: 303, headers: { location: '/' } })
  expect(cookie).toMatch(/^bullion-[\da-f]{8}=session\.\S+; .*Path=\/; .*HttpOnly; SameSite=Strict$/)
  const again = await ask(link)
  expect([again.status, again.headers['set-cookie']]).toEqual([401, undefined])
  const known = { headers: { cookie: cookie!.split(';')[0]! } }
  expect((await ask('/', known)).status).toBe(200)
  // Who opens it again in the same browser is let in by the cookie.
  expect((await ask(link, known)).status).toBe(303)
})

test('several links are open side by side, each for ten minutes', async () => {
  let now = Date.now()
  const { ask, server } = await openDoor({ now: () => now })
  const [first, second, third] = await Promise.all([server.link(), server.link(), server.link()])
  const opens = async (link: string) => (await ask(link.slice(server.url.length))).status

  expect(await opens(first)).toBe(303)
  now += 9 * minute
  expect(await opens(second)).toBe(303)
  now += 2 * minute
  expect(await opens(third)).toBe(401)
})

test('a link of another process of the home opens the door, one that was made before the server started does not', async () => {
  const { ask, folder, server } = await openDoor()
  const ring = keyRing(keyFile(join(folder, 'web-key')))

  expect((await ask(await linkPath(ring))).status).toBe(303)
  expect((await ask(await linkPath(ring, undefined, Date.now() - 5 * minute))).status).toBe(401)
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
})

test('the key is for its owner alone, and another key opens nothing', async () => {
  const { ask, folder } = await openDoor()
  const other = keyRing(keyFile(join(folder, 'other-key')))

  expect(statSync(join(folder, 'web-key')).mode & 0o777).toBe(0o600)
  expect((await ask(await linkPath(other))).status).toBe(401)
  const token = await bearerToken(other, 1)
  expect(await codeOf(ask('/api/v1/session', { headers: { authorization: `Bearer ${token}` } }))).toEqual([
    401,
    'caller.unknown',
  ])
})

test('what is signed for one thing is good for no other, and nothing forged for any', async () => {
  const { ask, folder, logIn, token } = await openDoor()
  const key = await keyRing(keyFile(join(folder, 'web-key'))).key()
  const { cookie } = await logIn()
  const [name, session] = cookie.split('=') as [string, string]
  const link = sign(key, 'link', newClaims(Date.now(), minute))
  const asCookie = (value: string) => codeOf(ask('/api/v1/session', { headers: { cookie: `${name}=${value}` } }))
  const asBearer = (value: string) => codeOf(ask('/api/v1/session', { headers: { authorization: `Bearer ${value}` } }))

  expect(await asCookie(session)).toEqual([200, undefined])
  expect(await asBearer(token)).toEqual([200, undefined])
  const later = session.replace(/\.([^.]+)\.([^.]+)$/, '.zzzzzzzz.$2')
  for (const value of [
    token,
    link,
    later,
    `${session}A`,
    session.slice(0, -2),
    'session',
    '',
    '....',
    `${session}.x`,
  ]) {
    expect(await asCookie(value), value).toEqual([401, 'caller.unknown'])
  }
  for (const value of [session, link, later, 'x', '', '..', token.replace('token', 'admin')]) {
    expect(await asBearer(value), value).toEqual([401, 'caller.unknown'])
  }
  // A token that is wrong is not helped by a cookie that is right.
  expect(await codeOf(ask('/api/v1/session', { headers: { cookie, authorization: 'Bearer x' } }))).toEqual([
    401,
    'caller.unknown',
  ])
})

test('sessions and tokens end when they are over, and all of them when the key is changed', async () => {
  let now = Date.now()
  const { ask, call, folder, logIn } = await openDoor({ now: () => now })
  const { cookie } = await logIn()
  const session = () => ask('/api/v1/session', { headers: { cookie } })

  now += 29 * 24 * 60 * minute
  expect((await session()).status).toBe(200)
  expect((await call('/api/v1/session')).status).toBe(401)
  now += 2 * 24 * 60 * minute
  expect((await session()).status).toBe(401)
  now -= 31 * 24 * 60 * minute
  expect((await session()).status).toBe(200)
  await keyRing(keyFile(join(folder, 'web-key'))).renew()
  await expect.poll(async () => [(await session()).status, (await call('/api/v1/session')).status]).toEqual([401, 401])
})

test('a session outlives the server, and ends at logout', async () => {
  const first = await openDoor()
  const { cookie } = await first.logIn()
  const key = keyFile(join(first.folder, 'web-key'))
  await first.server.close()
  const { ask } = await openDoor({ key })

  const { status, body } = await ask('/api/v1/session', { headers: { cookie } })
  expect([status, body.scopes]).toEqual([200, ['read', 'collect', 'admin']])
  const out = { method: 'POST', body: {}, headers: { cookie, 'x-csrf-token': body.csrfToken } }
  const left = await ask('/api/v1/logout', out)
  expect([left.status, left.headers['set-cookie']![0]]).toEqual([200, expect.stringMatching(/=; Max-Age=0; /)])
  expect((await ask('/api/v1/session', { headers: { cookie } })).status).toBe(401)
})

test('a change from a browser brings the token of its own session along; a script needs none', async () => {
  const door = await openDoor()
  const [mine, other] = [await door.logIn(), await door.logIn()]
  const change = (headers: Readonly<Record<string, string>>) =>
    codeOf(door.ask('/api/v1/runs', { ...start, headers: { cookie: mine.cookie, ...headers } }))

  for (const token of ['', 'x', other.csrf, `${mine.csrf}A`]) {
    expect(await change({ 'x-csrf-token': token }), token).toEqual([403, 'csrf.missing'])
  }
  expect(await change({})).toEqual([403, 'csrf.missing'])
  expect((await change({ 'x-csrf-token': mine.csrf }))[0]).not.toBe(403)
  expect((await codeOf(door.call('/api/v1/runs', start)))[0]).not.toBe(403)
})

test('what a form of another page could send is refused', async () => {
  const door = await openDoor()
  const { cookie, csrf } = await door.logIn()
  const send = (type: string | undefined) =>
    codeOf(
      door.ask('/api/v1/runs', {
        ...{ method: 'POST', body: '{"selection":"*"}' },
        headers: { cookie, 'x-csrf-token': csrf, ...(type !== undefined && { 'content-type': type }) },
      }),
    )

  const forms = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', undefined]
  for (const type of [...forms, 'application/jsonp', 'text/json', 'application/json-patch+json']) {
    expect(await send(type), type).toEqual([415, 'body.not-json'])
  }
  expect((await send('application/json; charset=utf-8'))[0]).not.toBe(415)
})

/** As a browser of this machine with a session would ask. */
const fromBrowser = async (door: Door) => {
  const { cookie, csrf } = await door.logIn()
  return (path: string, headers: Readonly<Record<string, string>>, on: Asked = {}) =>
    codeOf(door.ask(path, { ...on, headers: { cookie, 'x-csrf-token': csrf, ...headers } }))
}

test('a name that is not ours is refused, so that no name of the internet can be made to lead here', async () => {
  const door = await openDoor({ names: ['bullion.example:8080'] })
  const ask = await fromBrowser(door)
  const { port } = door.server

  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    '127.0.0.1',
    `127.0.0.1:${port + 1}`,
    `127.0.0.1.evil.example:${port}`,
    '0.0.0.0',
    `[::]:${port}`,
  ]) {
    for (const path of ['/', '/api/v1/session', '/health', '/login', '/api/v1/live']) {
      expect(await ask(path, { host }), `${host} ${path}`).toEqual([403, 'host.unknown'])
    }
  }
  for (const host of [
    `127.0.0.1:${port}`,
    `localhost:${port}`,
    `LOCALHOST:${port}`,
    `[::1]:${port}`,
    'bullion.example:8080',
  ]) {
    expect(await ask('/api/v1/session', { host }), host).toEqual([200, undefined])
  }
})

test('pages of other sites are answered nothing', async () => {
  const door = await openDoor()
  const ask = await fromBrowser(door)
  const { url, port } = door.server

  for (const origin of [
    'https://evil.example',
    'null',
    `http://127.0.0.1:${port + 1}`,
    `https://localhost.evil:${port}`,
    'x',
  ]) {
    expect(await ask('/api/v1/runs', { origin }, start), origin).toEqual([403, 'origin.other'])
    expect(await ask('/api/v1/live', { origin }), origin).toEqual([403, 'origin.other'])
  }
  for (const site of ['cross-site', 'same-site']) {
    const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'cors' }
    for (const path of ['/api/v1/session', '/api/v1/live', '/assets/index-1a2b3c.js', '/', '/openapi.json']) {
      expect(await ask(path, headers), `${site} ${path}`).toEqual([403, 'site.other'])
    }
    const navigates = { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' }
    expect(await ask('/api/v1/session', navigates)).toEqual([403, 'site.other'])
    expect(await ask('/api/v1/runs', navigates, start)).toEqual([403, 'site.other'])
    expect(await ask('/', navigates)).toEqual([200, undefined])
  }
  expect(await ask('/api/v1/session', { origin: url, 'sec-fetch-site': 'same-origin' })).toEqual([200, undefined])
  expect(await ask('/api/v1/session', { origin: `http://localhost:${port}` })).toEqual([200, undefined])
})

test('a page of others that leads here does not seem to log people out', async () => {
  const { ask, logIn } = await openDoor()
  const { cookie } = await logIn()
  const led = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }

  // The browser left the strict cookie out; what our own page asks for next bears it.
  const page = await ask('/assets/prices', { headers: led })
  expect([page.status, page.text]).toEqual([
    200,
    expect.stringContaining('content="0;url=/login?next=%2Fassets%2Fprices"'),
  ])
  const login = await ask('/login?next=%2Fassets%2Fprices', { headers: { cookie } })
  expect(login).toMatchObject({ status: 303, headers: { location: '/assets/prices' } })
})

test('a server that only shows refuses every change, and still plans and asks', async () => {
  const { call } = await openDoor({ isReadOnly: true })
  const post = (path: string, body: unknown = {}) => codeOf(call(`/api/v1${path}`, { method: 'POST', body }))

  for (const path of [
    '/runs',
    '/runs/x/cancel',
    '/runs/x/retry',
    '/assets/prices/wipe',
    '/assets/prices/rollback',
    '/keys/x',
    '/automations/nightly/switch',
  ]) {
    expect(await post(path), path).toEqual([403, 'read-only'])
  }
  for (const path of ['/plans', '/sql', '/sql/download', '/automations/nightly/try']) {
    expect((await post(path))[0], path).not.toBe(403)
  }
  expect((await call('/api/v1/session')).status).toBe(200)
  expect((await post('/logout'))[0]).toBe(200)
})

test('every answer bears the headers that keep browsers strict', async () => {
  const { ask, call } = await openDoor()

  for (const told of [
    await ask('/login'),
    await ask('/api/v1/session'),
    await call('/'),
    await call('/docs'),
    await call('/assets/index-1a2b3c.js'),
    await call('/api/v1/none'),
    await call('/api/v1/runs', { method: 'PUT' }),
    await call('/%'),
    await call('/api/v1/runs', { method: 'POST', headers: json, body: '{' }),
  ]) {
    const policy = told.headers['content-security-policy'] as string
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src-elem 'self'( 'nonce-[\w+/=]+')?; /)
    expect(policy).toMatch(/frame-ancestors 'none'; base-uri 'none'; form-action 'self'/)
    expect(told.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(told.headers).not.toHaveProperty('access-control-allow-origin')
  }
})

test('the nonce of a page is in its policy, and another each time', async () => {
  const { call } = await openDoor()
  const nonceOf = async () => {
    const { text, headers } = await call('/runs/any')
    const [, nonce] = /nonce="([^"]+)"/.exec(text)!
    expect(headers['content-security-policy']).toContain(`'nonce-${nonce}'`)
    return nonce
  }

  expect(await nonceOf()).not.toBe(await nonceOf())
})

test('a store that is away keeps nobody waiting who was known before, and the health is answered', async () => {
  let isAway = false
  const key = keyFile(join(temporaryFolder(), 'key'))
  const record = { ...key, read: () => (isAway ? new Promise<never>(() => {}) : key.read()) }
  const { ask, call } = await openDoor({ key: record })
  expect((await call('/api/v1/session')).status).toBe(200)

  isAway = true

  await expect.poll(async () => (await ask('/health')).status).toBe(200)
  for (let asked = 0; asked < 3; asked++) expect((await call('/api/v1/session')).status).toBe(200)
})

test('the pages are for this machine alone', async () => {
  await expect(openDoor({ host: '0.0.0.0' })).rejects.toThrow(/for this machine alone .* got "0\.0\.0\.0"/)
})
