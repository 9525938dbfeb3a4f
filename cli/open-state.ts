import { existsSync, mkdirSync } from 'node:fs'
import type { RunStore } from '#pipeline'
import { postgresStore, sqliteStore } from '#pipeline'
import type { Config } from '../config.ts'
import type { Home, HomeSettings } from '../home.ts'
import { homeInStore, openHome, readHome, storeFile } from '../home.ts'

/** What a deployment remembers: its settings and its store, in a folder, or in a database that many machines share. */
export interface State {
  /** The settings, if the deployment was begun. */
  readHome(): Promise<Home | undefined>
  openHome(wanted: HomeSettings): Promise<Home>
  /** Whether anything may have been made yet. */
  hasStore(): boolean
  /** A reader changes nothing. Opened once; closed by whoever opened it. */
  store(): Promise<RunStore>
  /** Closes what was opened to read the settings, where no store was handed out. */
  close(): Promise<void>
}

export const openState = (config: Config, path: string, as: 'reader' | 'writer'): State =>
  config.store === undefined ? stateInFolder(path, as) : stateInDatabase(config.store, path, as)

const stateInFolder = (path: string, as: 'reader' | 'writer'): State => ({
  readHome: () => readHome(path),
  openHome: (wanted) => openHome(path, wanted),
  hasStore: () => existsSync(storeFile(path)),
  async store() {
    if (as === 'reader') return sqliteStore(storeFile(path), { readOnly: true })
    mkdirSync(path, { recursive: true })
    return sqliteStore(storeFile(path))
  },
  async close() {},
})

function stateInDatabase(url: string, path: string, as: 'reader' | 'writer'): State {
  let opened: Promise<RunStore> | undefined
  const open = () => (opened ??= postgresStore({ url, readOnly: as === 'reader' }).catch(tellUnreachable))
  return {
    readHome: async () => readHome(path, homeInStore(await open())),
    openHome: async (wanted) => openHome(path, wanted, homeInStore(await open())),
    hasStore: () => true,
    store: open,
    close: async () => (await opened)?.close(),
  }
}

/** What node says of an address is not what an operator set. */
function tellUnreachable(cause: unknown): never {
  const { code = '' } = cause as { code?: string }
  if (!/^E(AI_AGAIN|CONN|HOST|NET|NOTFOUND|TIMEDOUT)/.test(code)) throw cause
  throw new Error(`the database of "BULLION_STORE" can not be reached (${code}); start it, or correct its address`, {
    cause,
  })
}
