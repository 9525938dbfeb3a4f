import type { RunStore } from '#pipeline'
import type { Home } from '../home.ts'
import type { Exchange } from '../resources/exchange/port.ts'

/**
 * The exchange of a home: the real one where the home is live, otherwise the sandbox, started for this process and
 * stopped with it. Both go through the same adapter. `faults` are what the sandbox is to do wrong; over a `shared` store
 * its requests are counted together with those of other processes.
 */
export async function openHomeExchange(
  { settings }: Home,
  { faults, shared }: { readonly faults?: string | undefined; readonly shared?: RunStore | undefined } = {},
): Promise<Exchange> {
  const { exchangeRegistry } = await import('../resources/exchange/registry.ts')
  const { binance } = await import('../resources/exchange/plugins/binance.ts')
  const registry = exchangeRegistry([binance])
  const bucket = shared && (await (await import('../resources/exchange/shared-rate.ts')).sharedRate(shared))
  if (settings.kind === 'live') return registry.open(settings.exchange, { bucket })

  const [{ startSandbox }, { faultsFrom }] = await Promise.all([
    import('../sandbox/server.ts'),
    import('./sandbox-options.ts'),
  ])
  const { source } = settings
  const sandbox = await startSandbox({
    ...(source.type === 'generated' && { seed: source.seed }),
    ...(source.type === 'replay' && { replay: source.folder }),
    ...(faults !== undefined && { faults: faultsFrom(faults) }),
  })
  try {
    const exchange = await registry.open(settings.exchange, { sandboxUrl: sandbox.url, bucket })
    let closing: Promise<void> | undefined
    const close = async (): Promise<void> => {
      await exchange.close()
      await sandbox.close()
    }
    return {
      ...exchange,
      close() {
        closing ??= close()
        return closing
      },
    }
  } catch (error) {
    await sandbox.close()
    throw error
  }
}
