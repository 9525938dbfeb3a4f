import { expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../sandbox/server.ts'

async function withSandbox(ask: (sandbox: Sandbox) => Promise<void>): Promise<void> {
  const sandbox = await startSandbox({
    markets: ['BTC-USDT', 'BTC-USDT-PERP'],
    now: () => Date.UTC(2024, 5, 1, 12, 30),
  })
  try {
    await ask(sandbox)
  } finally {
    await sandbox.close()
  }
}

test.each([
  ['/api/v3/klines?interval=1h&symbol=NOPE', { code: -1121, msg: 'Invalid symbol.' }],
  ['/fapi/v1/klines?interval=1h&symbol=ETHUSDT', { code: -1121, msg: 'Invalid symbol.' }],
  ['/api/v3/klines?interval=7m&symbol=BTCUSDT', { code: -1120, msg: 'Invalid interval.' }],
  ['/api/v3/klines?interval=1h', { code: -1102 }],
  ['/api/v3/klines?interval=1h&symbol=BTCUSDT&limit=ten', { code: -1100 }],
])('%s is refused as Binance does', async (path, error) => {
  await withSandbox(async ({ url }) => {
    const answer = await fetch(url + path)

    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject(error)
  })
})

test('a request gets at most 1,000 candles, 500 if it does not say, the open one included', async () => {
  await withSandbox(async ({ url }) => {
    const rows = async (query: string) =>
      (await (await fetch(`${url}/api/v3/klines?symbol=BTCUSDT&interval=1h${query}`)).json()) as number[][]

    expect(await rows('&limit=5000')).toHaveLength(1000)
    expect(await rows('')).toHaveLength(500)
    expect((await rows('&limit=1'))[0]?.[0]).toBe(Date.UTC(2024, 5, 1, 12))
    expect((await rows('&limit=1'))[0]).toHaveLength(12)
  })
})

test('spot and contracts are listed apart, under one id', async () => {
  await withSandbox(async ({ url }) => {
    const symbols = async (path: string) => ((await (await fetch(url + path)).json()) as { symbols: object[] }).symbols

    expect(await symbols('/api/v3/exchangeInfo')).toMatchObject([{ symbol: 'BTCUSDT', status: 'TRADING' }])
    expect(await symbols('/fapi/v1/exchangeInfo')).toMatchObject([{ symbol: 'BTCUSDT', contractType: 'PERPETUAL' }])
  })
})

test('it tells its time and the weight that was used', async () => {
  await withSandbox(async ({ url, requests }) => {
    const answer = await fetch(`${url}/api/v3/time`)
    await fetch(`${url}/api/v3/exchangeInfo`).then((info) => info.text())
    const ping = await fetch(`${url}/api/v3/ping`)

    expect(await answer.json()).toEqual({ serverTime: Date.UTC(2024, 5, 1, 12, 30) })
    expect(ping.headers.get('X-MBX-USED-WEIGHT-1M')).toBe('22')
    expect(requests()).toEqual({ '/api/v3/time': 1, '/api/v3/exchangeInfo': 1, '/api/v3/ping': 1 })
  })
})

test('who goes on asking while limited is banned', async () => {
  await withSandbox(async ({ url, setFaults }) => {
    setFaults({ budget: 3 })
    const statuses: number[] = []
    for (let i = 0; i < 10; i++) statuses.push((await fetch(`${url}/api/v3/ping`)).status)

    expect(statuses).toEqual([200, 200, 200, 429, 429, 429, 429, 429, 418, 418])
  })
})

test('other paths are not found, as an HTML page', async () => {
  await withSandbox(async ({ url }) => {
    const answer = await fetch(`${url}/api/v3/depth?symbol=BTCUSDT`)

    expect(answer.status).toBe(404)
    expect(await answer.text()).toContain('<html>')
  })
})
