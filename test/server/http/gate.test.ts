import { expect, test } from 'vitest'
import { openDoor } from './open-door.ts'

test('first', async () => {
  const { ask, call, logIn, server } = await openDoor()
  console.log((await ask('/api/v1/assets')).text, (await call('/api/v1/assets')).text)
  console.log(
    (await call('/openapi.json')).text.length,
    (await call('/openapi.json')).status,
    (await call('/docs')).text.length,
  )
  console.log(await logIn())
  console.log(await ask('/assets/prices'))
  const { cookie, csrf } = await logIn()
  for (const p of [
    '/',
    '/assets/index-1a2b3c.js',
    '/api/v1/nothing',
    '/assets/none.js',
    '/assets/x/%2e%2e/%2e%2e/secret.txt',
    '/health',
    '/ready',
    '/favicon.ico',
  ])
    console.log(p, await ask(p, { headers: { cookie } }))
  console.log(await ask('/api/v1/session', { method: 'DELETE', headers: { cookie } }))
  console.log(
    await ask('/api/v1/session/logout'),
    await ask('/api/v1/logout', { method: 'POST', headers: { cookie, 'x-csrf-token': csrf }, body: {} }),
  )
  expect(server.port).toBeGreaterThan(0)
})
