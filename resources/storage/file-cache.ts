import { randomUUID } from 'node:crypto'
import { link, mkdir, readdir, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { atMost } from './at-most.ts'

export interface CacheOptions {
  /** May be shared by processes, also of several lakes, and by machines. */
  readonly folder: string
  /** What is in use stays on the disk beyond it. */
  readonly maxBytes: number
}

export interface Wanted {
  /** Names a content for ever. A file name. */
  readonly key: string
  /** 0 if nobody knows. */
  readonly bytes: number
  /** Writes it to a new file. */
  readonly fetch: (to: string, signal: AbortSignal) => Promise<void>
}

export interface Lent {
  readonly path: string
  /** Without an effect the second time. */
  giveBack(): void
}

/** Copies of files that are far away. */
export interface FileCache {
  /** A copy that stays where it is until it is given back. It is fetched if it is not there, once for all who ask. */
  lend(wanted: Wanted, signal?: AbortSignal): Promise<Lent>
  /** A path for a new file, on the disk of the cache. */
  newFile(): Promise<string>
  /** Takes a finished file in, by moving it. */
  take(key: string, file: string): Promise<void>
  close(): Promise<void>
}

interface Copy {
  readonly path: string
  readonly ready: Promise<void>
  readonly stop: AbortController
  readers: number
}

/** Copies that are fetched at once. */
const fetches = 16
/** A copy is marked as used at most this often; ms. */
const markMs = 60_000
/** A folder of a process of another machine is abandoned after this; ms. */
const abandonedMs = 7 * 24 * 3_600_000

/**
 * `files/<key>` is what is kept; the one that was used longest ago goes first. `in-use/<process>/` has a hard link to each
 * file that is read now: what is removed from `files` meanwhile, by whomever, is there until its last reader is done.
 */
export function fileCache({ folder, maxBytes }: CacheOptions): FileCache {
  const kept = join(folder, 'files')
  const own = join(folder, 'in-use', `${hostname()}.${process.pid}.${randomUUID()}`)
  const copies = new Map<string, Copy>()
  const inTurn = atMost(fetches)
  let opening: Promise<void> | undefined
  let files = 0
  let sinceSwept = Number.POSITIVE_INFINITY
  let sweeping = Promise.resolve()

  const open = async (): Promise<void> => {
    // Each time: somebody may have emptied the cache, and a folder that was idle for long is abandoned to other machines.
    await Promise.all([mkdir(kept, { recursive: true }), mkdir(own, { recursive: true })])
    // What can not be removed, as it is another user's, is in nobody's way.
    opening ??= removeAbandoned(join(folder, 'in-use')).catch(() => {})
    await opening
  }
  const newFile = async (): Promise<string> => {
    await open()
    return join(own, String(++files))
  }

  /** What is in the cache, as a link of our own. */
  const linked = async ({ key, bytes }: Wanted, to: string): Promise<boolean> => {
    if (!(await link(join(kept, key), to).then(() => true, ifCode('ENOENT', false)))) return false
    const { size, mtimeMs } = await stat(to)
    if (bytes > 0 && size !== bytes) {
      await Promise.all([to, join(kept, key)].map((path) => rm(path, { force: true })))
      return false
    }
    const now = Date.now()
    if (now - mtimeMs > markMs) await utimes(to, now / 1_000, now / 1_000)
    return true
  }

  const keep = async (key: string, file: string): Promise<void> => {
    await link(file, join(kept, key)).catch(ifCode('EEXIST', undefined))
    sinceSwept += (await stat(file)).size
    if (sinceSwept < maxBytes / 16) return
    sinceSwept = 0
    sweeping = sweeping.catch(() => {}).then(() => sweep(kept, maxBytes))
    await sweeping
  }

  const begin = (wanted: Wanted): Copy => {
    const stop = new AbortController()
    const path = join(own, String(++files))
    const copy: Copy = { path, stop, readers: 0, ready: start() }
    // Those who ask wait for it; if none does any more, its failure is nobody's.
    copy.ready.catch(() => copies.get(wanted.key) === copy && copies.delete(wanted.key))
    copies.set(wanted.key, copy)
    return copy

    async function start(): Promise<void> {
      await open()
      if (await linked(wanted, path)) return
      await inTurn(async () => {
        stop.signal.throwIfAborted()
        await wanted.fetch(path, stop.signal)
      })
      await keep(wanted.key, path)
    }
  }

  const release = (key: string, copy: Copy): void => {
    copy.readers -= 1
    if (copy.readers > 0) return
    if (copies.get(key) === copy) copies.delete(key)
    copy.stop.abort(new Error('nobody waits for the file any more'))
    const remove = () => rm(copy.path, { force: true })
    // What can not be removed now goes with the folder.
    copy.ready.then(remove, remove).catch(() => {})
  }

  return {
    newFile,

    async take(key, file) {
      await keep(key, file)
      await rm(file, { force: true })
    },

    async lend(wanted, signal) {
      signal?.throwIfAborted()
      const copy = copies.get(wanted.key) ?? begin(wanted)
      copy.readers += 1
      let isLent = true
      const giveBack = (): void => {
        if (isLent) release(wanted.key, copy)
        isLent = false
      }
      try {
        await (signal ? unlessAborted(copy.ready, signal) : copy.ready)
        return { path: copy.path, giveBack }
      } catch (error) {
        giveBack()
        throw error
      }
    },

    async close() {
      await opening
      await sweeping.catch(() => {})
      await rm(own, { recursive: true, force: true })
      opening = undefined
    },
  }
}

async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Removes what was used longest ago, until there is some room. */
async function sweep(folder: string, maxBytes: number): Promise<void> {
  const inTurn = atMost(32)
  const names = await readdir(folder)
  const found = await Promise.all(
    names.map((name) =>
      inTurn(async () => {
        const path = join(folder, name)
        const { size, mtimeMs } = await stat(path).catch(ifCode('ENOENT', { size: 0, mtimeMs: 0 }))
        return { path, size, mtimeMs }
      }),
    ),
  )
  let bytes = found.reduce((sum, { size }) => sum + size, 0)
  if (bytes <= maxBytes) return
  for (const { path, size } of found.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
    if (bytes <= maxBytes * 0.9) return
    await rm(path, { force: true })
    bytes -= size
  }
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const [pid] = name.split('.').slice(-2)
    const isHere = name.startsWith(`${hostname()}.${pid}.`)
    const { mtimeMs } = await stat(path).catch(ifCode('ENOENT', { mtimeMs: Date.now() }))
    if (isHere ? !isAlive(Number(pid)) : Date.now() - mtimeMs > abandonedMs)
      await rm(path, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const ifCode =
  <T>(code: string, value: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === code) return value
    throw error
  }
