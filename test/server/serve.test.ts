import { once } from 'node:events'
import { request } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { startOwnProject } from '../cli/own-project.ts'
import { ended } from '../cli/run-bullion.ts'

const names = ['daily', 'defineAsset', 'defineJob', 'defineSchedule', 'definitions', 'memoryIo', 'provide']
const source = `
const prices = defineAsset({
  name: 'prices', partitions: { date: daily({ since: '2024-01-01' }) }, output: z.strictObject({ n: z.int() }), retry: { attempts: 1 },
  run: ({ partition }) => { if (partition.date.start.getUTCDate() === 2) throw new Error('no such day'); return [{ n: 1 }] },
})
const job = defineJob({ name: 'ingest', assets: [prices] })
export default definitions({
  assets: [prices], resources: {}, io: provide(memoryIo), schedules: [defineSchedule({ name: 'nightly', job, cron: '30 1 * * *' })],
})
`

/** A home in which one day was made and one failed, and what is served of it. */
async function served() {
  const start = startOwnProject(names, source)
  const run = (...args: readonly string[]) => ended(start(...args))
  await run('materialize', 'prices', '--partition', '2024-01-01..2024-01-02')
  const server = start('serve', '--port', '0')
  onTestFinished(() => void server.kill('SIGKILL'))
  const end = ended(server)
  const [said] = (await once(server.stdout!, 'data')) as [Buffer]
  const url = String(said).trim()
  const get = async (path: string, init?: RequestInit) => {
    const answer = await fetch(`${url}${path}`, init)
    return { status: answer.status, type: answer.headers.get('content-type'), body: (await answer.json()) as any }
  }
  return {
    ...{ url, run, get },
    async stop() {
      server.kill('SIGTERM')
      return end
    },
  }
}

test('HTTP answers what the command prints as JSON, and nothing is changed by it', async () => {
  const { url, run, get, stop } = await served()
  const printed = async (...args: readonly string[]) => JSON.parse((await run(...args, '--json')).out)

  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect((await get('/api/v1/assets')).body).toEqual(await printed('assets'))
  const runs = await get('/api/v1/runs?limit=1')
  expect(runs).toMatchObject({ status: 200, type: 'application/json' })
  expect(runs.body).toEqual(await printed('runs'))
  const { run: id } = runs.body[0]
  const details = (await get(`/api/v1/runs/${id}`)).body
  expect(details).toEqual(await printed('runs', 'show', id))
  expect(details.events[0].payload.error).toContain('no such day')
  expect((await get('/api/v1/schedules')).body).toMatchObject([{ name: 'nightly', isOn: true }])
  expect((await get('/api/v1/workers')).body).toEqual([])
  expect(await get('/ready')).toMatchObject({ status: 200, body: { status: 'ready' } })
  expect(await get('/health')).toMatchObject({ status: 200, body: { status: 'up' } })
  const list = await (await fetch(url)).text()
  for (const path of ['assets', 'runs', 'runs/:id', 'workers', 'schedules']) expect(list).toContain(`/api/v1/${path} `)

  expect(await stop()).toMatchObject({ code: 143, err: '' })
})

test('what is not a question of ours is refused in a sentence', async () => {
  const { url, get, stop } = await served()

  expect(await get('/api/v1/runs?limit=0')).toMatchObject({
    status: 400,
    body: { error: expect.stringMatching(/limit/) },
  })
  expect(await get('/api/v1/runs?limt=5')).toMatchObject({
    status: 400,
    body: { error: expect.stringMatching(/limt/) },
  })
  expect(await get('/api/v1/runs/nothing')).toMatchObject({
    status: 404,
    body: { error: expect.stringMatching(/nothing/) },
  })
  expect(await get('/api/v1/runs/%2e%2e')).toMatchObject({ status: 404 })
  expect(await get('/api/v2/runs')).toMatchObject({ status: 404 })
  expect(await get('/api/v1/runs', { method: 'POST' })).toMatchObject({ status: 405 })
  // A page that a browser shows may have its own name lead to this machine.
  expect(await statusFor(url, 'evil.example')).toBe(403)
  expect(await statusFor(url, 'localhost:8600')).toBe(200)

  await stop()
})

/** `fetch` says the host that it asks; a browser says the one that it was told. */
async function statusFor(url: string, host: string): Promise<number> {
  const asked = request(`${url}/api/v1/runs`, { headers: { host } })
  asked.end()
  const [answer] = await once(asked, 'response')
  answer.resume()
  return answer.statusCode
}

test('a port that is taken, or is none, ends the command', async () => {
  const { url, run, stop } = await served()

  const taken = await run('serve', '--port', new URL(url).port)
  const none = await run('serve', '--port', '70000')

  expect(taken).toMatchObject({ code: 1, err: expect.stringMatching(/EADDRINUSE/) })
  expect(none).toMatchObject({ code: 2, err: expect.stringMatching(/whole number up to 65535/) })
  await stop()
})
