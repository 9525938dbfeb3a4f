import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Release, ReleaseFile } from '../targets/port.ts'

/** A file as the Hub lists it: `oid` is git's blob id; a large file is a pointer, and `lfs.oid` its sha256. */
export interface TreeEntry {
  readonly path: string
  readonly oid: string
  readonly size: number
  readonly lfs?: { readonly oid: string; readonly size: number }
}

export interface TreeDifference {
  readonly sent: readonly ReleaseFile[]
  readonly kept: readonly ReleaseFile[]
  readonly removed: readonly string[]
}

/**
 * What has to change in a repository so that it shows the release. Its other files, such as `.gitattributes` or a
 * licence, are not ours: only what lies in `data` or in a folder of the release is removed.
 */
export async function compareTree(tree: readonly TreeEntry[], release: Release): Promise<TreeDifference> {
  const there = new Map(tree.map((entry) => [entry.path, entry]))
  const sent: ReleaseFile[] = []
  const kept: ReleaseFile[] = []
  for (const file of release.files) {
    const entry = there.get(file.path)
    if (entry && (await isSame(entry, file))) kept.push(file)
    else sent.push(file)
  }
  const wanted = new Set(release.files.map(({ path }) => path))
  const ours = new Set(['data', ...release.files.flatMap(({ path }) => topFolder(path) ?? [])])
  const removed = tree
    .map(({ path }) => path)
    .filter((path) => !wanted.has(path) && ours.has(topFolder(path) ?? ''))
    .sort()
  return { sent, kept, removed }
}

export const isEqual = ({ sent, removed }: TreeDifference): boolean => sent.length === 0 && removed.length === 0

async function isSame(entry: TreeEntry, file: ReleaseFile): Promise<boolean> {
  if (entry.lfs) return entry.lfs.oid === file.sha256 && entry.lfs.size === file.bytes
  return entry.size === file.bytes && entry.oid === (await gitBlobId(file))
}

async function gitBlobId(file: ReleaseFile): Promise<string> {
  const hash = createHash('sha1').update(`blob ${file.bytes}\0`)
  if ('text' in file.content) return hash.update(file.content.text).digest('hex')
  for await (const chunk of createReadStream(file.content.file)) hash.update(chunk)
  return hash.digest('hex')
}

const topFolder = (path: string): string | undefined => (path.includes('/') ? path.split('/')[0] : undefined)
