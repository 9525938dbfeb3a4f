/** A dataset repository in memory: commits of whole trees, as git has them. */

import { createHash } from 'node:crypto'

/** A file in a tree; the bytes of a large file are in the store of large files. */
export type Blob =
  | { readonly type: 'regular'; readonly content: Buffer }
  | { readonly type: 'lfs'; readonly sha256: string; readonly size: number }

export interface Commit {
  readonly oid: string
  readonly parent: string | undefined
  readonly title: string
  readonly date: string
  readonly tree: ReadonlyMap<string, Blob>
}

export interface Repository {
  readonly name: string
  readonly isPrivate: boolean
  readonly commits: Map<string, Commit>
  readonly branches: Map<string, string>
  readonly tags: Map<string, string>
}

export interface Change {
  readonly title: string
  readonly set?: ReadonlyMap<string, Blob>
  readonly removed?: readonly string[]
}

const sha1 = (text: string | Buffer) => createHash('sha1').update(text)

export const sizeOf = (blob: Blob): number => (blob.type === 'lfs' ? blob.size : blob.content.length)

/** Git's id of a blob; of a large file it is the id of its pointer. */
export function blobId(blob: Blob): string {
  const content = blob.type === 'lfs' ? pointerOf(blob.sha256, blob.size) : blob.content
  return sha1(`blob ${content.length}\0`).update(content).digest('hex')
}

export const pointerOf = (sha256: string, size: number): Buffer =>
  Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`)

/** A new repository has one commit, with the patterns of its large files. */
export function newRepository(name: string, isPrivate: boolean): Repository {
  const repository: Repository = {
    ...{ name, isPrivate },
    ...{ commits: new Map(), branches: new Map(), tags: new Map() },
  }
  const attributes = Buffer.from('*.parquet filter=lfs diff=lfs merge=lfs -text\n')
  addCommit(repository, 'main', {
    title: 'initial commit',
    set: new Map([['.gitattributes', { type: 'regular', content: attributes }]]),
  })
  return repository
}

/** Moves the branch by one commit. Throws if a removed path is not there; then nothing has changed. */
export function addCommit(repository: Repository, branch: string, { title, set, removed = [] }: Change): Commit {
  const parent = repository.branches.get(branch)
  const tree = new Map(parent === undefined ? [] : repository.commits.get(parent)!.tree)
  for (const path of removed) {
    const gone = [...tree.keys()].filter((one) => one === path || one.startsWith(`${path}/`))
    if (gone.length === 0) throw new Error(`A file with the name ${path} does not exist`)
    for (const one of gone) tree.delete(one)
  }
  for (const [path, blob] of set ?? []) tree.set(path, blob)
  const oid = sha1(`${repository.commits.size}\n${parent}\n${title}\n${[...tree.keys()].join('\n')}`).digest('hex')
  const commit = { oid, parent, title, date: new Date(0).toISOString(), tree }
  repository.commits.set(oid, commit)
  repository.branches.set(branch, oid)
  return commit
}

export function commitAt(repository: Repository, revision: string): Commit | undefined {
  const oid = repository.branches.get(revision) ?? repository.tags.get(revision) ?? revision
  return repository.commits.get(oid)
}

/** Newest first. */
export function historyOf(repository: Repository, revision: string): readonly Commit[] {
  const commits: Commit[] = []
  let at = commitAt(repository, revision)
  while (at) {
    commits.push(at)
    at = at.parent === undefined ? undefined : repository.commits.get(at.parent)
  }
  return commits
}
