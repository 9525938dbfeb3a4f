import { expect, onTestFinished, test } from 'vitest'
import { startOwnProject } from '../cli/own-project.ts'
import { ended } from '../cli/run-bullion.ts'
import { watched } from '../cli/watched.ts'

const names = ['daily', 'defineAsset', 'definitions', 'memoryIo', 'provide']
const source = `
const prices = defineAsset({
  name: 'prices', partitions: { date: daily({ since: '2024-01-01' }) }, output: z.strictObject({ n: z.int() }),
  run: () => [{ n: 1 }],
})
export default definitions({ assets: [prices], resources: {}, io: provide(memoryIo) })
`

/** A home in which one day was made, and a command that serves it. */
async function served(...args: readonly string[]) {
  const start = startOwnProject(names, source)
  const run = (...some: readonly string[]) => ended(start(...some))
  await run('materialize', 'prices', '--partition', '2024-01-01')
  const serve = (...some: readonly string[]) => {
    const child = start('serve', ...some)
    onTestFinished(() => void child.kill('SIGKILL'))
    return watched(child)
  }
  const server = serve('--port', '0', ...args)
  const [link] = await server.hears(/http:\/\/127\.0\.0\.1:\d+\/login\?token=\S+/)
  return { run, serve, server, link, url: new URL(link).origin }
}

const open = (link: string) => fetch(link, { redirect: 'manual' })

test('a browser is let in by the printed link, and by one of the command, each once', async () => {
  const { run, server, link } = await served()
  const another = (await run('link')).out.trim()

  expect((await open(link)).status).toBe(303)
  expect((await open(link)).status).toBe(401)
  expect((await open(another)).status).toBe(303)
  expect(await server.stop()).toMatchObject({ code: 143, err: '' })
  expect(await run('link')).toMatchObject({ code: 2, err: expect.stringMatching(/bullion serve/) })
})

test('a script is let in by a token, until all of them are revoked', async () => {
  const { run, server, url } = await served('--read-only')
  const token = (await run('token', '--days', '1')).out.trim()
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${url}/api/v1${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    })

  expect(await (await ask('/session')).json()).toMatchObject({ caller: 'a script' })
  const refused = await ask('/runs', { method: 'POST', body: '{"selection":"*"}' })
  expect([refused.status, await refused.json()]).toMatchObject([403, { error: { code: 'read-only' } }])
  const revoked = await run('token', '--revoke-all')
  expect(revoked).toMatchObject({ code: 0, err: '' })
  await expect.poll(async () => (await ask('/session')).status).toBe(401)
  expect((await server.stop()).code).toBe(143)
})

test('a port that is taken, or is none, ends the command', async () => {
  const { run, server, url } = await served()

  const taken = await run('serve', '--port', new URL(url).port)
  const none = await run('serve', '--port', '70000')

  expect(taken).toMatchObject({ code: 2, err: expect.stringMatching(/port \d+ is taken/) })
  expect(none).toMatchObject({ code: 2, err: expect.stringMatching(/whole number up to 65535/) })
  await server.stop()
})

test('up serves the pages from its start', async () => {
  const start = startOwnProject(names, source)
  const up = watched(start('up', '--port', '0'))

  const [link] = await up.hears(/http:\/\/127\.0\.0\.1:\d+\/login\?token=\S+/)

  expect((await open(link)).status).toBe(303)
  expect((await up.stop()).code).toBe(143)
})
