import { expect, test } from 'vitest'
import { NotJson, rebased } from '../../../resources/exchange/ccxt.ts'
import { faultOf } from '../../../resources/exchange/fault-of.ts'

const now = Date.UTC(2024, 0, 1)
const on = { refusal: undefined, timeoutMs: 10_000, now }
const refusal = (status: number, body = '{}', retryAfter?: string) => ({
  ...on,
  refusal: { status, body, isHtml: body.startsWith('<'), retryAfter },
})

test.each([
  [429, undefined, 'rate-limited', undefined],
  [429, '7', 'rate-limited', 7_000],
  [418, '120', 'banned', 120_000],
  [429, new Date(now + 3_000).toUTCString(), 'rate-limited', 3_000],
  [503, undefined, 'unavailable', undefined],
] as const)('HTTP %i with Retry-After %s is %s', (status, retryAfter, fault, retryAfterMs) => {
  expect(faultOf(new Error(), refusal(status, '{}', retryAfter))).toMatchObject({ fault, retryAfterMs })
})

test('without the header, the end of a ban is read from the message', () => {
  const body = `{"code":-1003,"msg":"Way too much request weight used; IP banned until ${now + 60_000}. Please use"}`

  expect(faultOf(new Error(), refusal(418, body))).toMatchObject({ fault: 'banned', retryAfterMs: 60_000 })
})

test('an HTML page is named, not quoted', () => {
  const { got } = faultOf(new Error(), refusal(502, '<html><title>Bad Gateway</title>…</html>'))

  expect(got).toBe('HTTP 502 with an HTML page "Bad Gateway"')
})

test('a long answer is cut', () => {
  expect(faultOf(new NotJson('x'.repeat(5_000)), on).got.length).toBeLessThan(300)
})

test('an error nobody foresaw is a bad response, worth another try', () => {
  expect(faultOf(new TypeError('x is not a function'), on)).toMatchObject({ fault: 'bad-response' })
  expect(faultOf('text', on)).toMatchObject({ fault: 'bad-response', got: 'text' })
})

test('only scheme, host and port of the URLs change', () => {
  const urls = {
    public: 'https://api.binance.com/api/v3',
    ws: { spot: 'wss://stream.binance.com:9443/ws' },
    okx: 'https://{hostname}/api',
    not: 7,
  }

  expect(rebased(urls, 'http://127.0.0.1:8000/')).toEqual({
    public: 'http://127.0.0.1:8000/api/v3',
    ws: { spot: 'ws://127.0.0.1:8000/ws' },
    okx: 'http://127.0.0.1:8000/api',
    not: 7,
  })
})
