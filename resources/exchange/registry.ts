/** Exchange plugins by name, and the one rule that keeps invented data apart: a sandbox has a name of its own. */

import { nearest } from '#pipeline'
import type { Exchange } from './port.ts'
import type { OpenBucket } from './rate-limit.ts'
import type { RetrySettings } from './resilience.ts'

/** An exchange that can be opened; a package of somebody else's exports one as a value. */
export interface ExchangePlugin {
  readonly id: string
  open(options: PluginOptions): Promise<Exchange>
}

export interface PluginOptions {
  /** What the opened exchange must call itself. */
  readonly name: string
  readonly baseUrl?: string | undefined
  readonly timeoutMs?: number | undefined
  readonly retry?: Partial<RetrySettings> | undefined
  readonly now?: (() => number) | undefined
  /** The budgets of its requests, where other processes spend them too. */
  readonly bucket?: OpenBucket | undefined
}

export interface OpenExchange extends Omit<PluginOptions, 'name' | 'baseUrl'> {
  /** The URL of a sandbox: the exchange opens under the name `sandbox-<id>` and nothing real is asked. */
  readonly sandboxUrl?: string | undefined
}

export interface ExchangeRegistry {
  readonly ids: readonly string[]
  /** Opens by the plugin's id, or by `sandbox-<id>`. Throws for an unknown name, and when name and URL contradict. */
  open(name: string, options?: OpenExchange): Promise<Exchange>
}

const prefix = 'sandbox-'
const idShape = /^[a-z0-9]+(-[a-z0-9]+)*$/

/** The name in rows and paths of the plugin `id`: live, or of a sandbox. */
export const exchangeName = (id: string, isSandbox: boolean): string => (isSandbox ? prefix + id : id)

/** Throws when two plugins have one id, or an id could be taken for a sandbox's name. */
export function exchangeRegistry(plugins: readonly ExchangePlugin[]): ExchangeRegistry {
  const byId = new Map<string, ExchangePlugin>()
  for (const plugin of plugins) {
    const { id } = plugin
    if (!idShape.test(id) || id.startsWith(prefix)) {
      throw new Error(`expected an exchange id in small letters that does not start with "${prefix}", got "${id}"`)
    }
    if (byId.has(id)) throw new Error(`two exchange plugins are named "${id}"; remove one or rename it`)
    byId.set(id, plugin)
  }
  return {
    ids: [...byId.keys()],
    async open(name, { sandboxUrl, ...options } = {}) {
      const id = name.startsWith(prefix) ? name.slice(prefix.length) : name
      const plugin = byId.get(id)
      if (!plugin) throw unknownExchange(name, [...byId.keys()])
      if (name !== id && sandboxUrl === undefined) {
        throw new Error(`exchange "${name}" is a sandbox and has no URL; start the sandbox, or open "${id}"`)
      }
      const called = exchangeName(id, sandboxUrl !== undefined)
      const exchange = await plugin.open({ ...options, name: called, baseUrl: sandboxUrl })
      if (exchange.name === called) return exchange
      await exchange.close()
      throw new Error(`expected exchange plugin "${id}" to open as "${called}", got "${exchange.name}"`)
    },
  }
}

function unknownExchange(name: string, ids: readonly string[]): Error {
  const near = nearest(name, [...ids, ...ids.map((id) => prefix + id)])
  const hint = near ? `did you mean "${near}"?` : `known are ${ids.map((id) => `"${id}"`).join(', ')}`
  return new Error(`unknown exchange "${name}"; ${hint}`)
}
