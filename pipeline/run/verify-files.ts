import type { TableFile } from '../define/table.ts'
import type { PartitionAccount } from '../store/port.ts'
import { nameOf } from './judge-partition.ts'
import type { Tell, VerifyContext, VerifyLimits } from './verify-context.ts'
import type { Violation } from './violation.ts'

/** Files that are looked at together. */
const width = 8

interface Looked {
  readonly account: PartitionAccount
  readonly file: TableFile
  readonly by: 'content' | 'size'
}

/** Whether the files that the catalogue keeps are there and whole; violations by the number of the partition. */
export async function judgeFiles(
  { definitions, io }: VerifyContext,
  accounts: readonly PartitionAccount[],
  { quick, signal }: VerifyLimits,
): Promise<{ readonly files: number; readonly damaged: ReadonlyMap<number, readonly Violation[]> }> {
  const damaged = new Map<number, Violation[]>()
  const files = accounts.flatMap((account) => kept(account, quick))
  let next = 0
  const look = async (): Promise<void> => {
    for (let one = files[next++]; one; one = files[next++]) {
      signal.throwIfAborted()
      const { account, file, by } = one
      const asset = definitions.assets.get(account.asset)
      // What others write is theirs to keep whole, and of what is not defined any more no columns are known.
      if (!asset || asset.external) continue
      const got = await io.damage(asset, file, by)
      if (got === undefined) continue
      const todo = 'restore it from a copy, or make it again: bullion materialize'
      const violation: Violation = {
        kind: 'file-damaged',
        where: nameOf(account),
        expected: `"${file.path}" as it was published`,
        got,
        todo,
      }
      damaged.set(account.number, [...(damaged.get(account.number) ?? []), violation])
    }
  }
  await Promise.all(Array.from({ length: width }, look))
  return { files: files.length, damaged }
}

/** The published file is read; those that one could go back to are only looked at. */
const kept = (account: PartitionAccount, isQuick: boolean): readonly Looked[] =>
  account.versions
    .filter(({ path, removedAt }) => path !== '' && removedAt === null)
    .map((file) => ({ account, file, by: file.number === account.pointer && !isQuick ? 'content' : 'size' }))

/** Files of the lake that the catalogue does not know and that no step can be about to publish. */
export async function verifyOrphans(
  { io, store, clock }: VerifyContext,
  limits: VerifyLimits,
  tell: Tell,
): Promise<void> {
  const before = clock() - limits.orphanMs
  let folder = ''
  let known: ReadonlySet<string> = new Set()
  for await (const { asset, key, path, writtenAt } of io.list()) {
    limits.signal.throwIfAborted()
    if (writtenAt > before) continue
    if (folder !== `${asset}/${key}`) {
      folder = `${asset}/${key}`
      known = await store.knownPaths(asset, key)
    }
    if (known.has(path)) continue
    // It may have been published since the paths were read.
    known = await store.knownPaths(asset, key)
    if (known.has(path)) continue
    const todo = 'bullion lake reindex takes it in, bullion lake retain removes it; else remove it by hand'
    const got = `one that was written at ${new Date(writtenAt).toISOString()}`
    tell([{ kind: 'file-orphaned', where: path, expected: 'no file that the catalogue does not know', got, todo }])
  }
}
