import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { digestOf } from './digest.ts'
import type { Content, Storage, StoredFile } from './port.ts'
import { insidePath, StorageError } from './port.ts'

/** What a writer that was ended left behind starts with this, and is no file of the place. */
const unfinished = '.unfinished-'

/** Files under a folder of this machine. */
export function localStorage(folder: string): Storage {
  const full = (path: string): string => join(folder, insidePath(path))
  const storage: Storage = {
    url: pathToFileURL(folder).href,
    folder,

    async put(path, content, signal) {
      signal?.throwIfAborted()
      const to = full(path)
      const made = await mkdir(dirname(to), { recursive: true })
      const own = join(dirname(to), `${unfinished}${randomUUID()}`)
      try {
        await copyDurably(content, own, signal)
        // A link refuses a name that is there, where a rename would replace it.
        const isOurs = await link(own, to).then(() => true, ifCode('EEXIST', false))
        if (!isOurs) return (await isSame(content, to, signal)) ? 'same' : 'taken'
        await syncUp(dirname(to), made === undefined ? dirname(to) : dirname(made))
        return 'written'
      } finally {
        await rm(own, { force: true })
      }
    },

    digest: (path, signal) => digestOf({ file: full(path) }, signal).catch(ifCode('ENOENT', undefined)),

    read: (path, signal) => readFile(full(path), { signal }).catch(ifCode('ENOENT', undefined)),

    async fetch(path, to, signal) {
      const isThere = await stat(full(path)).then(() => true, ifCode('ENOENT', false))
      if (isThere) await copyDurably({ file: full(path) }, to, signal)
      return isThere
    },

    remove: (path) => rm(full(path), { force: true }),

    async move(from, to) {
      await mkdir(dirname(full(to)), { recursive: true })
      await rename(full(from), full(to)).catch((cause: NodeJS.ErrnoException) => {
        const why = cause.code === 'ENOENT' ? 'it is gone' : cause.message
        throw new StorageError(`file "${full(from)}" can not be moved to "${to}": ${why}`, cause.code, cause)
      })
      await syncFolder(dirname(full(to)))
      if (dirname(full(from)) !== dirname(full(to))) await syncFolder(dirname(full(from)))
    },

    async *list(of) {
      for (const name of await readdir(full(of)).catch(ifCode('ENOENT', []))) {
        const file = await storedFile(folder, join(folder, of, name))
        if (file) yield file
      }
    },

    async *walk() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(ifCode('ENOENT', []))
      for (const entry of entries) {
        const file = entry.isFile() && (await storedFile(folder, join(entry.parentPath, entry.name)))
        if (file) yield file
      }
    },
  }
  return storage
}

// Another process may have removed it since it was listed.
async function storedFile(folder: string, full: string): Promise<StoredFile | undefined> {
  const path = relative(folder, full)
  if (path.split('/').at(-1)!.startsWith(unfinished)) return
  const found = await stat(full).catch(ifCode('ENOENT', undefined))
  if (!found?.isFile()) return
  return { path, bytes: found.size, writtenAt: found.mtimeMs }
}

async function isSame(content: Content, file: string, signal?: AbortSignal): Promise<boolean> {
  const [ours, theirs] = await Promise.all([digestOf(content, signal), digestOf({ file }, signal)])
  return ours.sha256 === theirs.sha256
}

async function copyDurably(content: Content, to: string, signal?: AbortSignal): Promise<void> {
  const handle = await open(to, 'wx')
  try {
    const source =
      'bytes' in content ? content.bytes : createReadStream(content.file, { signal, highWaterMark: 1 << 20 })
    await handle.writeFile(source, { signal })
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A name in a folder is on the disk when the folder is, and that folder's name when its own is: up to `last`. */
export async function syncUp(folder: string, last: string): Promise<void> {
  await syncFolder(folder)
  if (folder !== last && folder !== dirname(folder)) await syncUp(dirname(folder), last)
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

const ifCode =
  <T>(code: string, value: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === code) return value
    throw error
  }
