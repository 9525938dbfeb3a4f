/**
 * A folder that always shows one whole release:
 *
 *     releases/<id>/…    a release as it was published; unchanged files are hard links to the release before
 *     current            a symbolic link to the newest, replaced by one rename: the only moment anything changes
 *     README.md, data …  symbolic links through `current`, for people and globs
 */

import { link, lstat, mkdir, readdir, readlink, rename, rm, symlink } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { checkRelease, foldersOf, notAsDeclared } from './check-release.ts'
import { digestOf, syncFolder, writeDurably } from './durable-file.ts'
import { lockFolder } from './folder-lock.ts'
import type { Published, PublishTarget, Release, ReleaseFile } from './port.ts'
import { PublishError } from './port.ts'

const target = 'folder'

/** Publishes to a local folder. Killed at any moment, it leaves the release before or the new one, each whole. */
export function folderTarget(options: { readonly root: string }): PublishTarget {
  const root = resolve(options.root)
  return {
    name: target,
    async publish(release, signal) {
      checkRelease(target, release)
      signal.throwIfAborted()
      try {
        await mkdir(join(root, 'releases'), { recursive: true })
        const unlock = await lockFolder(root, signal)
        try {
          return await publishAlone(root, release, signal)
        } finally {
          unlock()
        }
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof PublishError) throw error
        const why = error instanceof Error ? error.message : String(error)
        throw notPublished(root, release, `${why}; mend the cause and publish again`, error)
      }
    },
  }
}

const notPublished = (root: string, release: Release, why: string, cause?: unknown): PublishError =>
  new PublishError(`publishing release "${release.id}" to target "${target}" at "${root}" stopped: ${why}`, { cause })

async function publishAlone(root: string, release: Release, signal: AbortSignal): Promise<Published> {
  await removeLeftovers(root)
  await refuseForeignFiles(root, release)
  const before = await readCurrent(root)
  const kept = await filesAlreadyIn(before, release, signal)
  const wanted = new Set(release.files.map(({ path }) => path))
  const removedFiles = before?.paths.filter((path) => !wanted.has(path)).length ?? 0
  const counts = { target, location: root, commit: null, removedFiles }
  if (before && kept.size === release.files.length && removedFiles === 0) {
    await linkTop(root, release)
    return { ...counts, outcome: 'unchanged', sentFiles: 0, sentBytes: 0, keptFiles: kept.size }
  }
  const sent = await stage({ root, release, before, kept, signal })
  const name = await freeName(root, release.id)
  signal.throwIfAborted()
  await rename(staging(root), join(root, 'releases', name))
  await syncFolder(join(root, 'releases'))
  await switchTo(root, name)
  await linkTop(root, release)
  await removeOldReleases(root, [name, ...(before ? [before.name] : [])])
  return { ...counts, outcome: 'published', ...sent }
}

interface Current {
  readonly name: string
  readonly folder: string
  readonly paths: readonly string[]
}

const staging = (root: string): string => join(root, '.staging')
const nextLink = (root: string): string => join(root, '.next')

/** What a killed publication left: nobody else can be at it, since we hold the lock. */
async function removeLeftovers(root: string): Promise<void> {
  for (const path of [staging(root), nextLink(root)]) await rm(path, { recursive: true, force: true })
}

/** Someone's own file is never replaced by a link of ours. */
async function refuseForeignFiles(root: string, release: Release): Promise<void> {
  for (const name of topNames(release)) {
    if (name === 'current' || name === 'releases' || ['.staging', '.next', '.lock'].includes(name)) {
      throw notPublished(root, release, `path "${name}" belongs to the target itself; name the file otherwise`)
    }
  }
  for (const name of ['current', ...topNames(release)]) {
    const entry = await lstat(join(root, name)).catch(() => undefined)
    if (entry && !entry.isSymbolicLink()) {
      throw notPublished(root, release, `"${name}" in it is not of a release; choose an empty folder, or move it away`)
    }
  }
}

async function readCurrent(root: string): Promise<Current | undefined> {
  const to = await readlink(join(root, 'current')).catch(() => undefined)
  if (to === undefined) return
  const folder = join(root, to)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => undefined)
  if (!entries) return
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  return { name: basename(to), folder, paths }
}

/** Read and hashed rather than believed: a published file that has rotted or was edited is sent again. */
async function filesAlreadyIn(
  before: Current | undefined,
  release: Release,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const there = new Set(before?.paths)
  const kept = new Set<string>()
  for (const file of release.files) {
    if (!before || !there.has(file.path)) continue
    const path = join(before.folder, file.path)
    const entry = await lstat(path)
    if (!entry.isFile() || entry.size !== file.bytes) continue
    if ((await digestOf(path, signal))?.sha256 === file.sha256) kept.add(file.path)
  }
  return kept
}

interface Staging {
  readonly root: string
  readonly release: Release
  readonly before: Current | undefined
  readonly kept: ReadonlySet<string>
  readonly signal: AbortSignal
}

async function stage({ root, release, before, kept, signal }: Staging) {
  const into = staging(root)
  const folders = ['', ...new Set(release.files.flatMap(({ path }) => foldersOf(path)))]
  let [keptFiles, sentFiles, sentBytes] = [0, 0, 0]
  try {
    for (const folder of folders) await mkdir(join(into, folder), { recursive: true })
    for (const file of release.files) {
      signal.throwIfAborted()
      if (before && kept.has(file.path) && (await tryLink(join(before.folder, file.path), join(into, file.path)))) {
        keptFiles += 1
        continue
      }
      await copyProven(root, release, file, signal)
      sentFiles += 1
      sentBytes += file.bytes
    }
    for (const folder of folders) await syncFolder(join(into, folder))
  } catch (error) {
    await removeLeftovers(root)
    throw error
  }
  return { keptFiles, sentFiles, sentBytes }
}

/** Not every file system has hard links, nor any number of them: there the file is copied again. */
async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EXDEV'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return false
    throw error
  }
}

async function copyProven(root: string, release: Release, file: ReleaseFile, signal: AbortSignal): Promise<void> {
  const got = await writeDurably(file, join(staging(root), file.path), signal)
  if (got.bytes !== file.bytes || got.sha256 !== file.sha256) {
    throw notPublished(root, release, notAsDeclared(file, got))
  }
}

/** A release may come back (A, B, A), and A's first folder may still be read: the second gets its own. */
async function freeName(root: string, id: string): Promise<string> {
  const taken = new Set(await readdir(join(root, 'releases')))
  for (let count = 1; ; count++) {
    const name = count === 1 ? id : `${id}.${count}`
    if (!taken.has(name)) return name
  }
}

/** The one moment of the publication: before it all readers see the old release, after it all see the new one. */
async function switchTo(root: string, name: string): Promise<void> {
  await symlink(join('releases', name), nextLink(root))
  await rename(nextLink(root), join(root, 'current'))
  await syncFolder(root)
}

/** They lead through `current`, so they are made once and change with it. */
async function linkTop(root: string, release: Release): Promise<void> {
  const wanted = topNames(release)
  for (const name of await readdir(root)) {
    const to = await readlink(join(root, name)).catch(() => '')
    if (to.startsWith('current/') && !wanted.has(name)) await rm(join(root, name))
  }
  for (const name of wanted) {
    await symlink(`current/${name}`, join(root, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

const topNames = (release: Release): ReadonlySet<string> =>
  new Set(release.files.map(({ path }: ReleaseFile) => path.split('/')[0]!))

async function removeOldReleases(root: string, kept: readonly string[]): Promise<void> {
  for (const name of await readdir(join(root, 'releases'))) {
    if (!kept.includes(name)) await rm(join(root, 'releases', name), { recursive: true, force: true })
  }
}
