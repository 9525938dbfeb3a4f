import { expect, test } from 'vitest'
import { binance } from '../../../resources/exchange/plugins/binance.ts'
import { type ExchangePlugin, exchangeName, exchangeRegistry } from '../../../resources/exchange/registry.ts'

const registry = exchangeRegistry([binance])
const sandboxUrl = 'http://127.0.0.1:1'

async function nameOf(name: string, options?: { sandboxUrl: string }): Promise<string> {
  const exchange = await registry.open(name, options)
  await exchange.close()
  return exchange.name
}

test('a plugin opened on a sandbox has a name of its own, so its rows never mix with real ones', async () => {
  expect(await nameOf('binance', { sandboxUrl })).toBe('sandbox-binance')
  expect(await nameOf('sandbox-binance', { sandboxUrl })).toBe('sandbox-binance')
  expect(await nameOf('binance')).toBe('binance')
  expect(exchangeName('binance', true)).toBe('sandbox-binance')
})

test('a sandbox without a URL is refused rather than opened live', async () => {
  await expect(registry.open('sandbox-binance')).rejects.toThrow(
    'exchange "sandbox-binance" is a sandbox and has no URL',
  )
})

test('an unknown name is refused with the nearest one', async () => {
  await expect(registry.open('binanse')).rejects.toThrow('unknown exchange "binanse"; did you mean "binance"?')
  await expect(registry.open('mtgox')).rejects.toThrow('unknown exchange "mtgox"; known are "binance"')
})

test('two plugins of one name are refused', () => {
  expect(() => exchangeRegistry([binance, { ...binance }])).toThrow('two exchange plugins are named "binance"')
})

test('no plugin may take the name of a sandbox', () => {
  expect(() => exchangeRegistry([{ ...binance, id: 'sandbox-binance' }])).toThrow('got "sandbox-binance"')
})

test('a plugin that opens under another name is closed and refused', async () => {
  const events: string[] = []
  const liar: ExchangePlugin = {
    id: 'liar',
    open: async (options) => {
      const exchange = await binance.open({ ...options, name: 'binance' })
      return { ...exchange, close: () => exchange.close().then(() => void events.push('closed')) }
    },
  }

  const opened = exchangeRegistry([liar]).open('liar', { sandboxUrl })
  await expect(opened).rejects.toThrow('expected exchange plugin "liar" to open as "sandbox-liar", got "binance"')
  expect(events).toEqual(['closed'])
})
