import type { IoManager, RunStore } from '#pipeline'
import type { Catalogue, Lake } from './port.ts'

/** The lake as assets see it beside their inputs. */
export const lakeOf = (io: IoManager): Lake => ({
  query: (query, signal) => io.query(query, signal),
  lend: (files, work, signal) => io.lend(files, work, signal),
})

/** Check results of what is published, as the store has them. */
export const checkCatalogue = (store: RunStore): Catalogue => ({
  async checks(assets) {
    const current = await Promise.all(assets.map((asset) => store.current(asset)))
    const outcomes = current.flat().flatMap(({ checks }) => checks)
    const passed = outcomes.filter((check) => check.passed).length
    return { passed, failed: outcomes.length - passed }
  },
})
