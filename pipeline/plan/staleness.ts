import { createHash } from 'node:crypto'
import type { InputVersions } from '../define/io.ts'
import type { PartitionKey } from '../define/partition.ts'

export interface PublishedVersion {
  readonly codeVersion: string
  readonly version: string
  readonly inputs: InputVersions
  readonly run: string
}

/** What the catalogue knows of one partition. A failed or rejected attempt leaves the published version in place. */
export interface PartitionState {
  readonly status: 'missing' | 'published' | 'failed' | 'rejected'
  /** Of the published version, if there is one. */
  readonly published: PublishedVersion | undefined
}

/** One version over all files of an input: the file's own if there is one, otherwise a hash over keys and versions. */
export function combinedVersion(files: readonly { readonly key: PartitionKey; readonly version: string }[]): string {
  if (files.length === 1) return files[0]!.version
  const hash = createHash('sha256')
  for (const { key, version } of files) hash.update(`${key}\0${version}\n`)
  return hash.digest('hex').slice(0, 32)
}

/** Why a partition should be made again, or `undefined` if it is fresh. `inputs` are the versions it would read now. */
export function staleReason(
  state: PartitionState | undefined,
  now: { readonly codeVersion: string; readonly inputs: InputVersions },
): string | undefined {
  if (!state || (!state.published && state.status === 'missing')) return 'missing'
  if (state.status === 'failed') return 'failed before'
  if (state.status === 'rejected') return 'rejected before'
  const { codeVersion, inputs } = state.published!
  const changes =
    codeVersion === now.codeVersion ? [] : [`code version changed from "${codeVersion}" to "${now.codeVersion}"`]
  for (const name of Object.keys(inputs))
    if (!Object.hasOwn(now.inputs, name)) changes.push(`no longer reads "${name}"`)
  for (const [name, version] of Object.entries(now.inputs)) {
    if (!Object.hasOwn(inputs, name)) changes.push(`reads "${name}" since then`)
    else if (inputs[name] !== version) changes.push(`input "${name}" changed`)
  }
  return changes.length === 0 ? undefined : `stale: ${changes.join('; ')}`
}
