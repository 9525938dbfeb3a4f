import type { Provider } from '../define/resource.ts'

/** The resources of one process: each opened at its first use, all closed together. */
export interface OpenResources {
  get(name: string): Promise<unknown>
  close(): Promise<void>
}

/** Opens by the providers of a deployment. An opening that failed is tried again at the next use. */
export function openResources(providers: Readonly<Record<string, Provider<unknown>>>): OpenResources {
  const opened = new Map<string, Promise<unknown>>()
  return {
    get(name) {
      let value = opened.get(name)
      if (!value) {
        value = Promise.resolve().then(() => providers[name]!.open())
        opened.set(name, value)
        value.catch(() => opened.delete(name))
      }
      return value
    },
    async close() {
      for (const [name, value] of [...opened].reverse()) await providers[name]!.close?.(await value)
      opened.clear()
    },
  }
}
