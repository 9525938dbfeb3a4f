import { downloadFile } from '@huggingface/hub'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hubTarget } from '../../../resources/huggingface/hub.ts'
import type { HubFetchOptions } from '../../../resources/huggingface/hub-fetch.ts'
import { HubFailure, hubFetch } from '../../../resources/huggingface/hub-fetch.ts'
import type { HubServer } from '../../servers/hub.ts'
import { hubServer } from '../../servers/hub.ts'
import { aDesk, contents, never } from '../targets/a-release.ts'

let hub: HubServer
let rival: HubServer
beforeEach(async () => {
  hub = await hubServer()
  rival = await hubServer()
})
afterEach(async () => {
  await hub.close()
  await rival.close()
})
const call = (options: Partial<HubFetchOptions> = {}) =>
  hubFetch({ hubUrl: hub.url, token: hub.token, signal: never, ...options })

test('the token does not follow a redirect to another origin', async () => {
  hub.redirect = { from: '/api', to: `${rival.url}/api` }

  await expect(call()(`${hub.url}/api/whoami-v2`)).rejects.toThrow('answered 401')

  expect(hub.requests.map(({ authorization }) => authorization)).toEqual([`Bearer ${hub.token}`])
  expect(rival.requests.map(({ authorization }) => authorization)).toEqual([undefined])
})

test('the token follows a redirect of the hub to itself', async () => {
  hub.redirect = { from: '/moved', to: '/api' }

  const answer = await call()(`${hub.url}/moved/whoami-v2`)

  expect(await answer.json()).toMatchObject({ name: 'someone' })
})

test('a large file is downloaded from storage, which never sees the token', async () => {
  const desk = await aDesk()
  const repo = { type: 'dataset', name: 'bullion/ohlcv' } as const
  const release = await desk.release('r1', contents('r1'))
  await hubTarget({ repo: repo.name, token: hub.token, hubUrl: hub.url, private: true }).publish(release, never)
  hub.forget()

  const path = 'data/1h/binance/2024-01.parquet'
  const file = await downloadFile({ repo, path, hubUrl: hub.url, accessToken: hub.token, fetch: call() })

  expect(await file?.text()).toBe('rows of january')
  const seen = hub.requests.filter(({ origin }) => origin === 'storage')
  expect(new Set(seen.map(({ authorization }) => authorization))).toEqual(new Set([undefined]))
  await desk.clear()
})

test('an answer that does not come is waited for no longer than its time, and asked again', async () => {
  hub.fail({ times: 1, answer: 'silence' })

  const answer = await call({ timeoutMs: 100 })(`${hub.url}/api/whoami-v2`)

  expect(answer.status).toBe(200)
  expect(hub.requests.map(({ status }) => status)).toEqual([0, 200])
})

test('the wait that the hub asks for is kept, also when it is said as a rate limit', async () => {
  hub.fail({ times: 1, answer: 429, headers: { ratelimit: '"api";r=0;t=1' } })
  const from = performance.now()

  await call()(`${hub.url}/api/whoami-v2`)

  expect(performance.now() - from).toBeGreaterThan(1_000)
})

test('a wait of hours is not waited for', async () => {
  hub.fail({ times: 1, answer: 429, headers: { 'retry-after': '7200' }, error: 'too many' })

  await expect(call()(`${hub.url}/api/whoami-v2`)).rejects.toThrow('answered 429: too many')
})

test.each([400, 401, 403, 404, 409, 412])('an answer %i is final', async (status) => {
  hub.fail({ times: 1, answer: status })

  await expect(call()(`${hub.url}/api/whoami-v2`)).rejects.toMatchObject({ status })
  expect(hub.requests).toHaveLength(1)
})

test('a commit without an answer is never sent again', async () => {
  hub.fail({ times: 1, answer: 'cut-after' })

  const committing = call()(`${hub.url}/api/datasets/a/b/commit/main`, { method: 'POST', body: '{}' })

  await expect(committing).rejects.toThrow(HubFailure)
  expect(hub.requests).toHaveLength(1)
})

test('a failure names the request without the signature of its address', async () => {
  hub.fail({ times: 1, answer: 400 })

  const error = await call()(`${hub.storageUrl}/upload/x?signature=secret`, { method: 'PUT' }).catch(String)

  expect(error).toContain(`PUT ${hub.storageUrl}/upload/x was answered 400`)
  expect(error).not.toContain('secret')
})
