import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunStore } from '#pipeline'
import type { Config } from '../config.ts'
import type { KeyRecord } from '../server/auth/key.ts'
import { keyFile } from '../server/auth/key.ts'

/** Where the key of the web door is kept: in the home, for its owner alone, or in the store that many machines share. */
export const webKey = (config: Config, homePath: string, store: () => Promise<RunStore>): KeyRecord =>
  config.store === undefined ? keyFile(join(homePath, 'web-key')) : keyInStore(store)

const keyInStore = (store: () => Promise<RunStore>): KeyRecord => ({
  name: 'the store',
  read: async () => (await store()).setting('web-key'),
  write: async (text, before) => (await store()).keepSetting('web-key', text, before ?? null),
})

interface Address {
  readonly url: string
  readonly pid: number
}

const addressFile = (homePath: string) => join(homePath, 'web.json')

/** Says to other commands of this machine where the pages of a home are; only a hint, so that trouble is not told. */
export function noteAddress(homePath: string, url: string): () => void {
  const file = addressFile(homePath)
  try {
    mkdirSync(homePath, { recursive: true })
    writeFileSync(file, `${JSON.stringify({ url, pid: process.pid } satisfies Address)}\n`)
  } catch {
    return () => undefined
  }
  return () => {
    if (readAddress(homePath)?.pid === process.pid) rmSync(file, { force: true })
  }
}

/** Where the pages of a home are, as far as a process that lives said so. */
export function addressOf(homePath: string): string | undefined {
  const address = readAddress(homePath)
  return address && isAlive(address.pid) ? address.url : undefined
}

function readAddress(homePath: string): Address | undefined {
  try {
    return JSON.parse(readFileSync(addressFile(homePath), 'utf8')) as Address
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
