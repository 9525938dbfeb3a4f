import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import type { StagedFile, TableFile } from '#pipeline'
import type { FileCache } from '../storage/file-cache.ts'
import { syncUp } from '../storage/local.ts'
import type { Storage } from '../storage/port.ts'
import { StorageError } from '../storage/port.ts'

/** Where each file of a table is on this machine, until it is given back. */
export interface LentFiles {
  pathOf(file: Pick<TableFile, 'path'>): string
  giveBack(): void
}

/** The files of a lake on this machine, since DuckDB reads and writes no others. Paths are those of the catalogue. */
export interface LakeFiles {
  readonly storage: Storage
  /** Makes a file of a new name: `write` is told where. Nothing is left of one that fails. */
  make(path: string, signal: AbortSignal, write: (local: string) => Promise<StagedFile>): Promise<StagedFile>
  lend(files: readonly TableFile[], signal?: AbortSignal): Promise<LentFiles>
  /** Looks at what is stored itself, never at a copy of before. Throws `ENOENT`. */
  look<T>(path: string, at: (local: string) => Promise<T>): Promise<T>
}

/** Files in a folder of this machine: they are read and written where they are. */
export function filesInFolder(storage: Storage, folder: string): LakeFiles {
  const lent: LentFiles = { pathOf: ({ path }) => resolve(folder, path), giveBack() {} }
  return {
    storage,
    async make(path, _signal, write) {
      const full = join(folder, path)
      const made = await mkdir(dirname(full), { recursive: true })
      try {
        const file = await write(full)
        await syncUp(dirname(full), made === undefined ? dirname(full) : dirname(made))
        return file
      } catch (error) {
        await rm(full, { force: true })
        throw error
      }
    },
    lend: async () => lent,
    look: (path, at) => at(resolve(folder, path)),
  }
}

/** Files that are elsewhere: they are made here and sent, and read from copies that are kept for a while. */
export function filesInCache(storage: Storage, cache: FileCache): LakeFiles {
  // The path too: files of equal rows differ in what they say of themselves, and a release hashes their bytes.
  const keyOf = (path: string, content: string, bytes: number) =>
    createHash('sha256').update([storage.url, path, content, bytes].join('\n')).digest('hex')

  const fetch = async (path: string, to: string, signal?: AbortSignal): Promise<void> => {
    if (await storage.fetch(path, to, signal)) return
    throw new StorageError(
      `file "${path}" is gone from ${storage.url}; make it again with bullion materialize`,
      'ENOENT',
    )
  }

  return {
    storage,

    async make(path, signal, write) {
      const local = await cache.newFile()
      try {
        const file = await write(local)
        await send(storage, path, local, signal)
        // Whoever checks the rows reads them next.
        await cache.take(keyOf(path, file.version, file.bytes), local)
        return file
      } catch (error) {
        await rm(local, { force: true })
        throw error
      }
    },

    async lend(files, signal) {
      const wanted = new Map(files.filter(({ path }) => !isAbsolute(path)).map((file) => [file.path, file]))
      const asked = await Promise.allSettled(
        [...wanted.values()].map(async ({ path, bytes, version, content }) => {
          const key = keyOf(path, content ?? version, bytes)
          return [path, await cache.lend({ key, bytes, fetch: (to, stop) => fetch(path, to, stop) }, signal)] as const
        }),
      )
      const lent = new Map(asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])))
      const giveBack = () => {
        for (const { giveBack } of lent.values()) giveBack()
      }
      const failed = asked.find((one) => one.status === 'rejected')
      if (failed) {
        giveBack()
        throw failed.reason
      }
      return { pathOf: ({ path }) => lent.get(path)?.path ?? path, giveBack }
    },

    async look(path, at) {
      if (isAbsolute(path)) return at(path)
      const local = await cache.newFile()
      try {
        await fetch(path, local)
        return await at(local)
      } finally {
        await rm(local, { force: true })
      }
    },
  }
}

async function send(storage: Storage, path: string, local: string, signal: AbortSignal): Promise<void> {
  let outcome: Awaited<ReturnType<Storage['put']>> | undefined
  try {
    outcome = await storage.put(path, { file: local }, signal)
    signal.throwIfAborted()
  } catch (error) {
    // It may have been taken nevertheless. What is not removed now is swept later.
    await storage.remove(path, AbortSignal.timeout(5_000)).catch(() => {})
    throw error
  }
  if (outcome === 'taken') {
    throw new StorageError(`file "${path}" is in ${storage.url} already, with other bytes; expected a name that is new`)
  }
}
