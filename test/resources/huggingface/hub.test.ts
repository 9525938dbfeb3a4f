import { writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hubTarget } from '../../../resources/huggingface/hub.ts'
import type { Published } from '../../../resources/targets/port.ts'
import { PublishError } from '../../../resources/targets/port.ts'
import type { HubServer } from '../../servers/hub.ts'
import { hubServer } from '../../servers/hub.ts'
import type { Desk } from '../targets/a-release.ts'
import { aDesk, contents, never } from '../targets/a-release.ts'
import { testTarget } from '../targets/conformance.ts'

const repo = 'bullion/ohlcv'

testTarget('huggingface', async () => {
  const hub = await hubServer({ pageSize: 3, partSize: 10 })
  return {
    target: hubTarget({ repo, token: hub.token, hubUrl: hub.url }),
    show: async () => new Map([...hub.files(repo)].filter(([path]) => path !== '.gitattributes')),
    close: () => hub.close(),
  }
})

let desk: Desk
let hub: HubServer
beforeEach(async () => {
  desk = await aDesk()
  hub = await hubServer()
})
afterEach(async () => {
  await hub.close()
  await desk.clear()
})

const publish = async (id: string, files = contents(id), signal = never): Promise<Published> =>
  hubTarget({ repo, token: hub.token, hubUrl: hub.url }).publish(await desk.release(id, files), signal)
const shown = () => Object.fromEntries([...hub.files(repo)].map(([path, bytes]) => [path, String(bytes)]))
const titles = () => hub.commits(repo).map(({ title }) => title)
const asked = (method: string, part: string) =>
  hub.requests.filter((request) => request.method === method && request.path.includes(part))
const isCommit = ({ path }: { readonly path: string }) => path.includes('/commit/')

test('the second upload of a dataset only asks: no commit, no upload, not one byte', async () => {
  await publish('r1')
  hub.forget()

  const again = await publish('r1')

  expect(again).toMatchObject({ outcome: 'unchanged', sentFiles: 0, sentBytes: 0, keptFiles: 4 })
  expect(hub.requests.map(({ method }) => method)).toEqual(['GET', 'GET'])
  expect(hub.requests.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(0)
})

test('of a new release only the current month is uploaded', async () => {
  await publish('r1')
  hub.forget()

  await publish('r2', contents('r2', 'more rows'))

  expect(asked('PUT', '/upload/').map(({ bytes }) => bytes)).toEqual(['more rows'.length])
})

test('a release is one commit, which names it, even with more than 100 files', async () => {
  const many = Array.from({ length: 250 }, (_, index) => [`data/1h/okx/${index}.parquet`, `rows ${index}`])

  const published = await publish('r1', Object.fromEntries(many))

  expect(published.sentFiles).toBe(250)
  expect(titles()).toEqual(['Release r1: 250 files', 'initial commit'])
  expect(published).toMatchObject({ location: `${hub.url}/datasets/${repo}`, commit: hub.commits(repo)[0]!.oid })
})

test('files of other people are left alone', async () => {
  await publish('r1')
  hub.commitAs(repo, 'Add a licence', { LICENSE: 'CC0', 'images/chart.svg': '<svg/>' })

  await publish('r2')

  expect(shown()).toMatchObject({ LICENSE: 'CC0', 'images/chart.svg': '<svg/>', ...contents('r2') })
})

test('a commit that comes first is not overwritten unseen: the release is made again on top of it', async () => {
  await publish('r1')
  hub.beforeCommit = once(() => hub.commitAs(repo, 'Release rival', { 'data/1h/rival.txt': 'x', LICENSE: 'CC0' }))

  const published = await publish('r2')

  expect(asked('POST', '/commit/').map(({ status }) => status)).toEqual([200, 412, 200])
  expect(titles()).toEqual(['Release r2: 4 files', 'Release rival', 'Release r1: 4 files', 'initial commit'])
  expect(shown()).toEqual({ ...contents('r2'), LICENSE: 'CC0', '.gitattributes': expect.any(String) })
  expect(published).toMatchObject({ outcome: 'published', removedFiles: 1 })
})

test('when a rival has published the same release first, nothing is committed', async () => {
  await publish('r1')
  const { 'README.md': readme, 'spec.json': spec } = contents('r2')
  hub.beforeCommit = once(() =>
    hub.commitAs(repo, 'Release r2: by a rival', { 'README.md': readme, 'spec.json': spec }),
  )

  const published = await publish('r2')

  expect(published).toMatchObject({ outcome: 'unchanged', sentFiles: 0 })
  expect(titles()[0]).toBe('Release r2: by a rival')
})

test('a dataset whose head never rests is given up after five commits', async () => {
  await publish('r1')
  let count = 0
  hub.beforeCommit = () => void hub.commitAs(repo, 'Restless', { LICENSE: String(count++) })

  await expect(publish('r2')).rejects.toThrow(/release "r2" is not published .* 5 refused or unanswered/)
  expect(count).toBe(5)
})

test('a commit whose answer was lost is found and not made twice', async () => {
  await publish('r1')
  hub.fail({ times: 1, answer: 'cut-after', when: isCommit })

  const published = await publish('r2', contents('r2', 'more rows'))

  expect(published).toMatchObject({ outcome: 'published', sentFiles: 3, commit: hub.commits(repo)[0]!.oid })
  expect(titles()).toEqual(['Release r2: 4 files', 'Release r1: 4 files', 'initial commit'])
  expect(asked('POST', '/commit/')).toHaveLength(2)
})

test('a commit whose answer was lost is found under a later commit of someone else', async () => {
  await publish('r1')
  hub.fail({ times: 1, answer: 'cut-after', when: isCommit })
  hub.fail({ times: 1, answer: 'cut', when: ({ path }) => path.includes('/commits/') && addLicence() })
  const addLicence = once(() => hub.commitAs(repo, 'Add a licence', { LICENSE: 'CC0' }) !== '')

  const published = await publish('r2')

  expect(titles()).toEqual(['Add a licence', 'Release r2: 4 files', 'Release r1: 4 files', 'initial commit'])
  expect(published).toMatchObject({ outcome: 'published', commit: hub.commits(repo)[1]!.oid })
})

test.each(['cut', 500, 503, 408] as const)('a commit that was not made (%s) is made again', async (answer) => {
  await publish('r1')
  hub.fail({ times: 1, answer, when: isCommit })

  const published = await publish('r2')

  expect(published.outcome).toBe('published')
  expect(titles()).toEqual(['Release r2: 4 files', 'Release r1: 4 files', 'initial commit'])
})

test.each([500, 429, 503, 408, 'cut'] as const)('a fault (%s) of each kind of request is outlived', async (answer) => {
  const kinds = ['/revision/', '/api/repos/create', '/tree/', '/preupload/', '/objects/batch', '/upload/']
  for (const kind of kinds) hub.fail({ times: 1, answer, when: ({ path }) => path.includes(kind) })

  await publish('r1')

  expect(shown()).toMatchObject(contents('r1'))
})

test('three faults in a row are outlived', async () => {
  hub.fail({ times: 3, answer: 502 })

  await publish('r1')

  expect(shown()).toMatchObject(contents('r1'))
})

test('a rate limit of the commit itself is waited for, as long as it asks', async () => {
  await publish('r1')
  hub.fail({ times: 1, answer: 429, headers: { 'retry-after': '1' }, when: isCommit })
  const from = performance.now()

  await publish('r2')

  expect(performance.now() - from).toBeGreaterThan(1_000)
  expect(titles()[0]).toBe('Release r2: 4 files')
})

test('a token without the right to write is told so, at once', async () => {
  hub.fail({ times: 9, answer: 403, error: 'no write', when: ({ path }) => path === '/api/repos/create' })

  await expect(publish('r1')).rejects.toThrow(/403: no write; give the token the right to write/)
  expect(asked('POST', '/api/repos/create')).toHaveLength(1)
})

test('an upload that fails for good ends the publication, whatever the others do', async () => {
  hub.fail({ times: 1, answer: 400, error: 'bad upload', when: ({ path }) => path.includes('/upload/') })

  await expect(publish('r1')).rejects.toThrow(/PUT .* was answered 400: bad upload/)
  expect(asked('POST', '/commit/')).toHaveLength(0)
})

test('a server that repeats the token does not get it into an error', async () => {
  hub.fail({ times: 9, answer: 400, error: `bad token ${hub.token}`, when: isCommit })

  const error = await publish('r1').catch((error: unknown) => error)

  expect(error).toBeInstanceOf(PublishError)
  expect(inspectAll(error)).toContain('bad token [token]')
  expect(inspectAll(error)).not.toContain(hub.token)
})

test('the storage, which is another origin, never sees the token', async () => {
  await publish('r1')

  const seen = hub.requests.filter(({ origin }) => origin === 'storage')
  expect(seen.length).toBeGreaterThan(0)
  expect(seen.map(({ authorization }) => authorization)).toEqual(seen.map(() => undefined))
})

test('a source that changes between its proof and its upload is not published', async () => {
  await publish('r1')
  const release = await desk.release('r2', contents('r2', 'more rows'))
  const { file } = release.files.find(({ path }) => path.endsWith('2024-02.parquet'))!.content as { file: string }
  hub.fail({ times: 1, answer: 500, when: ({ path }) => path.includes('/objects/batch') && touch(file) })

  const publishing = hubTarget({ repo, token: hub.token, hubUrl: hub.url }).publish(release, never)

  await expect(publishing).rejects.toThrow('its file changed while it was read')
  expect(shown()).toMatchObject(contents('r1'))
})

test('another branch is made from main, and main stays as it is', async () => {
  await publish('r1')
  const target = hubTarget({ repo, token: hub.token, hubUrl: hub.url, branch: 'next' })

  await target.publish(await desk.release('r2', contents('r2')), never)

  expect(titles()[0]).toBe('Release r1: 4 files')
  expect(asked('POST', '/branch/next')).toHaveLength(1)
})

test('an aborted publication ends at once, even while it waits', async () => {
  const reason = new Error('the run was cancelled')
  const stop = new AbortController()
  hub.fail({ times: 99, answer: 'silence', when: ({ path }) => path.includes('/tree/') && stopNow() })
  const stopNow = once(() => void stop.abort(reason))

  await expect(publish('r1', contents('r1'), stop.signal)).rejects.toBe(reason)
})

test.each([
  [{ repo: 'no-namespace', token: 'hf_x' }, /expects a repo such as "namespace\/name", got "no-namespace"/],
  [{ repo, token: 'secret' }, /expects a token that begins with "hf_"/],
])('a malformed option is refused when the target is made', (options, sentence) => {
  expect(() => hubTarget(options)).toThrow(sentence)
})

function once(act: () => unknown): () => boolean {
  let isDone = false
  return () => {
    if (!isDone) act()
    isDone = true
    return true
  }
}

function touch(file: string): boolean {
  void writeFile(file, 'moar rows')
  return true
}

const inspectAll = (error: unknown): string =>
  error instanceof Error ? [error.message, error.stack, JSON.stringify(error), inspectAll(error.cause)].join('\n') : ''
