import { describe, expect, test } from 'vitest'
import { intervalMs } from '../../../market/interval.ts'
import type { CandlePage, RawCandle } from '../../../resources/exchange/port.ts'
import { failure, hour, impatient, today, useSandbox } from './open-sandbox.ts'

const candlesOf = (pages: readonly CandlePage[]): readonly RawCandle[] => pages.flatMap(({ candles }) => candles)
const where = 'exchange "sandbox-binance", endpoint "candles", market "BTC-USDT"'
const expected = 'expected 10 candles of 1h from 2024-05-31T14:00:00Z'

describe('a fault that passes is recovered from', () => {
  test.each([
    ['HTTP 429', '429:2:after=0', 2],
    ['a maintenance page', '503:2', 2],
    ['a connection that breaks in the body', 'truncated:2', 2],
    ['a body that ends in mid-JSON', 'garbled:2', 2],
    ['a body that takes too long', 'slow:1', 1],
  ])('%s (%s)', async (_, faults, repeats) => {
    const on = await useSandbox({}, { timeoutMs: 250 })
    const clean = await on.pages()
    on.fault(faults)
    const pages = await on.pages()

    expect(candlesOf(pages)).toEqual(candlesOf(clean))
    expect(pages.at(-1)?.requests).toBe(1 + repeats)
    expect(on.exchange.requests()).toMatchObject({ candles: 2 + repeats, retried: repeats })
  })

  test('HTTP 429 with Retry-After: nothing is sent before the time', async () => {
    const on = await useSandbox({}, { retry: { ...impatient, longestPauseMs: 5_000 } })
    await on.pages()
    on.fault('429:1:after=1')
    const before = Date.now()
    await on.pages()

    expect(Date.now() - before).toBeGreaterThanOrEqual(990)
    expect(on.asked).toBe(3)
  })

  test('a first list of markets that failed', async () => {
    const on = await useSandbox({}, { retry: { ...impatient, retries: 0 } })
    on.fault('503:1:endpoint=exchangeInfo')
    const error = await failure(on.pages())

    expect(error).toMatchObject({ fault: 'unavailable', endpoint: 'markets' })
    expect(candlesOf(await on.pages())).toHaveLength(10)
  })

  test('an open circuit, once its pause is over', async () => {
    const on = await useSandbox({}, { retry: { ...impatient, failuresToOpen: 1 } })
    on.fault('503:1')
    await failure(on.pages())
    await new Promise((resolve) => setTimeout(resolve, 60))

    expect(candlesOf(await on.pages())).toHaveLength(10)
  })
})

describe('a fault that stays is named', () => {
  test.each([
    ['429:always:after=0', 'rate-limited', 'HTTP 429 {"code":-1003', 'wait and ask less often'],
    ['503:always', 'unavailable', 'HTTP 503 with an HTML page "503 Service Unavailable"', 'in maintenance'],
    ['truncated:always', 'bad-response', 'other side closed', 'try again later'],
    ['garbled:always', 'bad-response', 'characters that are no JSON: [[1717164000000,', 'try again later'],
    ['slow:always', 'timeout', 'no complete answer within 150 ms', 'allow more time'],
  ])('%s', async (faults, fault, got, advice) => {
    const on = await useSandbox({}, { timeoutMs: 150 })
    on.fault(faults)
    const error = await failure(on.pages())

    expect(error).toMatchObject({ name: 'ExchangeError', fault, exchange: 'sandbox-binance', market: 'BTC-USDT' })
    expect(error.message).toContain(`${where}: ${expected}, got `)
    expect(error.message).toContain(got)
    expect(error.message).toContain(advice)
    expect(on.asked).toBe(1 + impatient.retries)
  })

  test('HTTP 418: the ban is told at once, and nothing more is sent while it lasts', async () => {
    const on = await useSandbox()
    on.fault('418:1:after=120')
    const error = await failure(on.pages())
    const next = await failure(on.pages())

    expect(error).toMatchObject({ fault: 'banned', retryAfterMs: 120_000 })
    expect(error.message).toContain(
      'got HTTP 418 {"code":-1003,"msg":"Way too much request weight used; IP banned until',
    )
    expect(error.message).toContain('ask nothing of this exchange until the ban ends (in 120 s)')
    expect(next).toMatchObject({ fault: 'rate-limited' })
    expect(on.asked).toBe(1)
  })

  test('a ban on spot leaves the perpetuals alone', async () => {
    const on = await useSandbox()
    on.fault('418:1:after=120')
    await failure(on.pages())

    expect(candlesOf(await on.pages({ market: 'BTC-USDT-PERP' }))).toHaveLength(10)
  })

  test('a spent weight budget says when to come back', async () => {
    const on = await useSandbox()
    await on.pages()
    on.fault({ budget: 1 })
    const error = await failure(on.pages())

    expect(error.fault).toBe('rate-limited')
    expect(error.retryAfterMs).toBeGreaterThan(0)
    expect(error.retryAfterMs).toBeLessThanOrEqual(60_000)
  })

  test('an endpoint that keeps failing is left alone, and the last failure is told', async () => {
    const on = await useSandbox({}, { retry: { ...impatient, failuresToOpen: 3, openMs: 60_000 } })
    on.fault('503:always')
    await failure(on.pages())
    const asked = on.asked
    const error = await failure(on.pages())

    expect(error).toMatchObject({ fault: 'circuit-open', endpoint: 'candles', market: 'BTC-USDT' })
    expect(error.message).toContain('HTTP 503')
    expect(on.asked).toBe(asked)
    on.fault('')
    expect(candlesOf(await on.pages({ market: 'BTC-USDT-PERP' }))).toHaveLength(10)
  })

  test('an exchange that is not there', async () => {
    const on = await useSandbox()
    await on.sandbox.close()
    const error = await failure(on.pages())

    expect(error).toMatchObject({ fault: 'unavailable', endpoint: 'markets' })
    expect(error.message).toContain('ECONNREFUSED')
  })

  test('a clock that tells nonsense', async () => {
    const on = await useSandbox({ now: () => 1700000000 })
    const error = await failure(on.pages())

    expect(error).toMatchObject({ fault: 'clock', endpoint: 'time' })
    expect(error.message).toContain('expected the time in ms since 1970, got 1700000000')
  })
})

describe('spoilt rows', () => {
  test.each(['reversed:always', 'duplicate:always', 'open:always', 'reversed:1,duplicate:1,open:1'])(
    '%s gives the same candles',
    async (faults) => {
      const on = await useSandbox()
      const clean = candlesOf(await on.pages())
      on.fault(faults)
      const pages = await on.pages()

      expect(candlesOf(pages)).toEqual(clean)
      expect(pages.map(({ conflicts }) => conflicts)).toEqual([0])
    },
  )

  test('two rows of one time with different values: the later is kept and counted', async () => {
    const on = await useSandbox()
    const before = candlesOf(await on.pages()).at(-1)!
    on.fault('conflict:1')
    const [page] = await on.pages()

    expect(page).toMatchObject({ conflicts: 1 })
    expect(page?.candles).toHaveLength(10)
    expect(page?.candles.at(-1)?.trades).toBe(before.trades! + 1)
  })

  test('a revised candle is given as it is now', async () => {
    const on = await useSandbox({ faults: { revised: { times: 1 } } })
    const [first, second, third] = [await on.pages(), await on.pages(), await on.pages()].map(candlesOf)

    expect(Number(second!.at(-1)!.volume)).toBeGreaterThan(Number(first!.at(-1)!.volume))
    expect(second!.slice(0, -1)).toEqual(first!.slice(0, -1))
    expect(third).toEqual(first)
  })

  test('the open candle is never given, even when the exchange sends it', async () => {
    const on = await useSandbox()
    on.fault('open:always')
    const pages = await on.pages({ start: today - 3 * hour, end: today + hour })

    expect(candlesOf(pages).map(({ open_time }) => new Date(open_time).getUTCHours())).toEqual([10, 11])
  })
})

describe('the clock', () => {
  const newest = async (ask: { ourClock?: number; faults?: string }) => {
    const started = Date.now()
    const clock = (ms: number) => () => today + ms + Date.now() - started
    const settings = { now: clock(ask.ourClock ?? 0) }
    const on = await useSandbox({ now: clock(0) }, settings)
    if (ask.faults) on.fault(ask.faults)
    const pages = await on.pages({ interval: '5m', start: today - hour, end: today + hour })
    return (pages.at(-1)!.end - today) / intervalMs('5m')
  }

  // It is half past, to the second: the candle that closed at half past is still within its minute of grace.
  test.each([
    ['both right', {}, -1],
    ['ours an hour ahead', { ourClock: hour }, -1],
    ['ours an hour behind', { ourClock: -hour }, -1],
    ['the exchange a minute and a bit ahead', { faults: 'clock:65000' }, 0],
    ['the exchange five minutes behind', { faults: 'clock:-300000' }, -2],
    ['unknown: one more candle is waited for', { faults: '503:always:endpoint=time' }, -2],
  ])('%s: finality goes by the exchange', async (_, ask, candles) => {
    expect(await newest(ask)).toBe(candles)
  })
})

describe('cancelling', () => {
  test('a request on its way ends at once, with the reason of the signal', async () => {
    const on = await useSandbox()
    await on.pages()
    on.fault('slow:always')
    const stop = new AbortController()
    const reason = new Error('enough')
    setTimeout(() => stop.abort(reason), 30)
    const before = Date.now()

    expect(await failure(on.pages({ signal: stop.signal }))).toBe(reason)
    expect(Date.now() - before).toBeLessThan(1_000)
  })

  test('a pause before a repeat ends at once, with the reason of the signal', async () => {
    const on = await useSandbox({}, { retry: { ...impatient, longestPauseMs: 60_000 } })
    on.fault('429:always:after=30')
    const signal = AbortSignal.timeout(50)
    const before = Date.now()

    expect(await failure(on.pages({ signal }))).toBe(signal.reason)
    expect(Date.now() - before).toBeLessThan(2_000)
  })

  test('closing the exchange ends a pause too', async () => {
    const on = await useSandbox({}, { retry: { ...impatient, longestPauseMs: 60_000 } })
    on.fault('429:always:after=30')
    const asked = failure(on.pages())
    setTimeout(() => on.exchange.close(), 50)

    expect((await asked).message).toBe('exchange "sandbox-binance" was closed')
  })

  test('closing the exchange ends what is on its way', async () => {
    const on = await useSandbox()
    await on.pages()
    on.fault('slow:always')
    const asked = failure(on.pages())
    setTimeout(() => on.exchange.close(), 30)

    expect((await asked).message).toBe('exchange "sandbox-binance" was closed')
  })
})
