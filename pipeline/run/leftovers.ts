import type { IoManager } from '../define/io.ts'
import type { HeldPartition, RunStore } from '../store/port.ts'
import { errorText } from './retry.ts'

/** A partition that a step could not give back, with the files that it made and that may not have been published. */
export interface Leftovers extends HeldPartition {
  readonly staged: Iterable<string>
}

/**
 * Removes those of the files that were not published: whether they were, nobody may have heard. To be called when the
 * partition is not held any more, so that none of them can be published from here on. What can not be removed now is left
 * to retention.
 */
export async function discardLeftovers(
  on: {
    readonly store: RunStore
    readonly io: () => Promise<IoManager>
    readonly onTrouble: (trouble: Error) => void
  },
  { asset, key, staged }: Leftovers,
): Promise<void> {
  const paths = [...staged]
  if (paths.length === 0) return
  try {
    const known = await on.store.knownPaths(asset, key)
    const io = await on.io()
    for (const path of paths) if (!known.has(path)) await io.discard(path)
  } catch (cause) {
    const where = `asset "${asset}" partition "${key}"`
    on.onTrouble(
      new Error(`unpublished files of ${where} can not be removed now; retention removes them: ${errorText(cause)}`, {
        cause,
      }),
    )
  }
}
