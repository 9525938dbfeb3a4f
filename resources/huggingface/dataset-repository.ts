/** What publishing needs of a dataset repository, in the words of git. The one importer of @huggingface/hub. */

import type { CommitOperation } from '@huggingface/hub'
import type { TreeEntry } from './compare-tree.ts'
import { HubFailure, hubFetch, isCommitRequest } from './hub-fetch.ts'

export interface DatasetRepository {
  /** The commit at the head of the branch; makes the repository and the branch if they are absent. */
  openHead(): Promise<string>
  head(): Promise<string>
  tree(commit: string): Promise<readonly TreeEntry[]>
  /** One commit on top of `parent`, or none at all. */
  commit(change: Change): Promise<CommitOutcome>
  /** Newest first, without `commit` itself. */
  commitsSince(commit: string): Promise<readonly { readonly commit: string; readonly title: string }[]>
}

export interface Change {
  readonly parent: string
  readonly title: string
  readonly files: readonly { readonly path: string; readonly content: Blob }[]
  readonly removed: readonly string[]
}

export type CommitOutcome =
  | { readonly type: 'committed'; readonly commit: string }
  /** Another commit came first: nothing was made. */
  | { readonly type: 'stale'; readonly why: string }
  /** The request was sent and not answered: it may have been made, or may still be. */
  | { readonly type: 'uncertain'; readonly why: string }

export interface DatasetRepositoryOptions {
  readonly repo: string
  readonly token: string
  readonly hubUrl: string
  readonly branch: string
  readonly private?: boolean
  readonly signal: AbortSignal
}

/** How many commits a rival may have made in the meantime. */
const commitsLookedAt = 100

export function datasetRepository(options: DatasetRepositoryOptions): DatasetRepository {
  const { hubUrl, branch, token } = options
  const repo = { type: 'dataset', name: options.repo } as const
  const call = hubFetch(options)
  const on = { repo, hubUrl, fetch: call }

  const head = async (): Promise<string> => {
    const answer = await call(`${hubUrl}/api/datasets/${repo.name}/revision/${encodeURIComponent(branch)}`)
    const { sha } = (await answer.json()) as { sha?: unknown }
    if (typeof sha !== 'string') throw new HubFailure(`expected the head of "${repo.name}" to have a sha, got ${sha}`)
    return sha
  }

  const makeWhatIsAbsent = async (code: string | undefined): Promise<void> => {
    const { createBranch, createRepo } = await import('@huggingface/hub')
    if (code === 'RevisionNotFound') {
      await unlessThere(createBranch({ ...on, branch, accessToken: token }))
      return
    }
    const visibility =
      options.private === undefined ? {} : ({ visibility: options.private ? 'private' : 'public' } as const)
    await unlessThere(createRepo({ ...on, ...visibility, accessToken: token }))
  }

  return {
    head,
    async openHead() {
      // Twice at most: a new repository has no branch but main.
      for (let made = 0; made < 2; made++) {
        try {
          return await head()
        } catch (error) {
          if (!(error instanceof HubFailure) || error.status !== 404) throw error
          await makeWhatIsAbsent(error.code)
        }
      }
      return head()
    },
    async tree(commit) {
      const { listFiles } = await import('@huggingface/hub')
      const entries: TreeEntry[] = []
      for await (const { type, path, oid, size, lfs } of listFiles({ ...on, revision: commit, recursive: true })) {
        if (type === 'file') entries.push({ path, oid: oid ?? '', size, ...(lfs && { lfs }) })
      }
      return entries
    },
    async commit({ parent, title, files, removed }) {
      const library = await import('@huggingface/hub')
      const operations: CommitOperation[] = [
        ...files.map(({ path, content }) => ({ operation: 'addOrUpdate', path, content }) as const),
        ...removed.map((path) => ({ operation: 'delete', path }) as const),
      ]
      const watch = watched(call)
      const making = library.commit({
        ...{ repo, hubUrl, branch, title, operations, parentCommit: parent },
        // Xet needs the network's own servers and a wasm chunker; plain LFS is understood by every Hub.
        ...{ fetch: watch.fetch, useXet: false, abortSignal: options.signal },
      })
      try {
        // The library can wait for ever after a failed upload, so the failure itself is waited for too.
        const made = await Promise.race([making, watch.failed])
        const commit: unknown = made?.commit.oid
        return typeof commit === 'string'
          ? { type: 'committed', commit }
          : { type: 'uncertain', why: 'the answer names no commit' }
      } catch (error) {
        making.catch(() => {})
        options.signal.throwIfAborted()
        const status = error instanceof HubFailure ? error.status : undefined
        const why = error instanceof Error ? error.message : String(error)
        if (status === 412) return { type: 'stale', why }
        const isAnswered = status !== undefined && status < 500 && status !== 408
        if (!watch.isCommitSent() || isAnswered) throw error
        return { type: 'uncertain', why }
      }
    },
    async commitsSince(since) {
      const { listCommits } = await import('@huggingface/hub')
      const commits: { commit: string; title: string }[] = []
      for await (const { oid, title } of listCommits({ ...on, revision: branch, batchSize: commitsLookedAt })) {
        if (oid === since || commits.length === commitsLookedAt) break
        commits.push({ commit: oid, title })
      }
      return commits
    },
  }
}

/** Someone else may have made it since we looked, or our first request had got through. */
async function unlessThere(making: Promise<unknown>): Promise<void> {
  try {
    await making
  } catch (error) {
    if (!(error instanceof HubFailure) || error.status !== 409) throw error
  }
}

/** Notes that the commit itself was asked for, and rejects `failed` with the first request that failed. */
function watched(call: typeof fetch) {
  let isSent = false
  const { promise: failed, reject } = Promise.withResolvers<never>()
  failed.catch(() => {})
  const watching: typeof fetch = async (input, init) => {
    isSent ||= isCommitRequest(String(input), init)
    try {
      return await call(input, init)
    } catch (error) {
      reject(error)
      throw error
    }
  }
  return { fetch: watching, failed, isCommitSent: () => isSent }
}
