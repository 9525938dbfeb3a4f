import { setTimeout as delay } from 'node:timers/promises'
import { checkRelease } from '../targets/check-release.ts'
import type { Published, PublishTarget, Release } from '../targets/port.ts'
import { PublishError } from '../targets/port.ts'
import type { TreeDifference } from './compare-tree.ts'
import { compareTree, isEqual } from './compare-tree.ts'
import type { DatasetRepository } from './dataset-repository.ts'
import { datasetRepository } from './dataset-repository.ts'
import { HubFailure } from './hub-fetch.ts'
import { provenBlob } from './proven-blob.ts'

export interface HubTargetOptions {
  /** `namespace/name` of the dataset; made at the first publication. */
  readonly repo: string
  /** Begins with `hf_`; needs the right to write to the dataset. */
  readonly token: string
  readonly hubUrl?: string
  readonly branch?: string
  /** Of a dataset that is made; the namespace's own default if absent. */
  readonly private?: boolean
}

const target = 'huggingface'
const attempts = 5

/**
 * Publishes to a dataset repository of the Hugging Face Hub: one release is one commit, whatever its number of files.
 * Throws `PublishError` at once if the repository's name or the token is malformed.
 */
export function hubTarget(options: HubTargetOptions): PublishTarget {
  const { repo, token, branch = 'main' } = options
  const hubUrl = (options.hubUrl ?? 'https://huggingface.co').replace(/\/+$/, '')
  if (!/^[\w.-]+\/[\w.-]+$/.test(repo)) {
    throw new PublishError(`target "${target}" expects a repo such as "namespace/name", got "${repo}"`)
  }
  if (!/^hf_\w+$/.test(token)) {
    throw new PublishError(`target "${target}" expects a token that begins with "hf_"; make one in the Hub's settings`)
  }
  return {
    name: target,
    async publish(release, signal) {
      checkRelease(target, release)
      signal.throwIfAborted()
      try {
        const repository = datasetRepository({ ...options, hubUrl, branch, signal })
        return await publishTo(repository, { release, signal, location: `${hubUrl}/datasets/${repo}` })
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof PublishError) throw error
        // Not the library's error as cause: nobody can tell what it holds.
        const why = (error instanceof Error ? error.message : String(error)).replaceAll(token, '[token]')
        throw new PublishError(
          `release "${release.id}" is not published to "${repo}" of ${hubUrl}: ${why}; ${advice(error)}`,
        )
      }
    },
  }
}

interface Publication {
  readonly release: Release
  readonly signal: AbortSignal
  readonly location: string
}

async function publishTo(repository: DatasetRepository, publication: Publication): Promise<Published> {
  const { release, signal } = publication
  const first = await repository.openHead()
  let head = first
  let unanswered: TreeDifference | undefined
  let why = ''
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const difference = await compareTree(await repository.tree(head), release)
    if (isEqual(difference)) {
      return unanswered ? published(unanswered, head, publication) : unchanged(difference, head, publication)
    }
    const outcome = await send(repository, difference, head, release, signal)
    if (outcome.type === 'committed') {
      await prove(repository, outcome.commit, release)
      return published(difference, outcome.commit, publication)
    }
    why = outcome.why
    if (outcome.type === 'uncertain') unanswered = difference
    // A commit without an answer may have been made: our release is looked for before anything is sent again.
    const made = unanswered && (await findRelease(repository, first, release))
    if (unanswered && made !== undefined) return published(unanswered, made, publication)
    await delay(attempt * 200 * (0.5 + Math.random()), undefined, { signal })
    head = await repository.head()
  }
  throw new PublishError(
    `release "${release.id}" is not published to ${publication.location}: expected one commit to be accepted, ` +
      `got ${attempts} refused or unanswered, the last because ${why}; ` +
      'publish again, and let only one publisher write to this dataset',
  )
}

async function send(
  repository: DatasetRepository,
  { sent, removed }: TreeDifference,
  parent: string,
  release: Release,
  signal: AbortSignal,
) {
  const files: { path: string; content: Blob }[] = []
  for (const file of sent) files.push({ path: file.path, content: await provenBlob(target, release, file, signal) })
  return repository.commit({ parent, title: titleOf(release), files, removed })
}

const titleOf = (release: Release): string => `Release ${release.id}: ${release.summary}`

/** The commit after `since` that made exactly this release, if there is one. */
async function findRelease(repository: DatasetRepository, since: string, release: Release) {
  for (const { commit, title } of await repository.commitsSince(since)) {
    if (!title.includes(release.id)) continue
    if (isEqual(await compareTree(await repository.tree(commit), release))) return commit
  }
  return
}

async function prove(repository: DatasetRepository, commit: string, release: Release): Promise<void> {
  const { sent, removed } = await compareTree(await repository.tree(commit), release)
  const wrong = [...sent.map(({ path }) => path), ...removed]
  if (wrong.length === 0) return
  throw new PublishError(
    `release "${release.id}" was committed as ${commit}, but ${wrong.length} files are not as it lists them, ` +
      `"${wrong[0]}" first; publish again, and look whether another program writes to this dataset`,
  )
}

const unchanged = ({ kept }: TreeDifference, commit: string, { location }: Publication): Published => ({
  ...{ outcome: 'unchanged', target, location, commit },
  ...{ sentFiles: 0, sentBytes: 0, keptFiles: kept.length, removedFiles: 0 },
})

const published = ({ sent, kept, removed }: TreeDifference, commit: string, { location }: Publication): Published => ({
  ...{ outcome: 'published', target, location, commit },
  sentFiles: sent.length,
  sentBytes: sent.reduce((sum, file) => sum + file.bytes, 0),
  keptFiles: kept.length,
  removedFiles: removed.length,
})

function advice(error: unknown): string {
  const status = error instanceof HubFailure ? error.status : undefined
  if (status === 401) return 'check that the token is still valid'
  if (status === 403) return 'give the token the right to write to this dataset'
  if (status === 404) return 'check the name of the dataset and what the token may see'
  if (status === 429) return 'wait for the rate limit to pass and publish again'
  return 'nothing is half published; publish again'
}
