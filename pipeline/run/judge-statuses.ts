import type { StatusBytes } from '../plan/partition-status.ts'
import { statusAt, statusByte } from '../plan/partition-status.ts'
import type { Space } from '../plan/space.ts'
import { keyAt, ordinalOf, spaceOf } from '../plan/space.ts'
import type { PartitionAccount } from '../store/port.ts'
import { keysAt } from './dynamic-keys.ts'
import { readStatuses } from './read-statuses.ts'
import type { VerifyContext } from './verify-context.ts'
import type { Violation } from './violation.ts'

export interface StatusJudge {
  know(account: PartitionAccount): void
  judge(): Promise<readonly Violation[]>
}

/** Differences that are told of one asset. */
const most = 10

/** Holds the statuses that screens and plans read against those of the partitions: a byte for each partition. */
export async function statusJudge({ definitions, store, clock }: VerifyContext): Promise<StatusJudge> {
  const now = clock()
  const asOf = { now: new Date(now), keys: await keysAt({ definitions, store }, now) }
  const { upTo: begin } = await store.made([], undefined, 1)
  const counted = new Map<string, { readonly space: Space; readonly bytes: StatusBytes }>()
  for (const { name, partitions } of definitions.assets.values()) {
    const space = spaceOf(partitions, asOf)
    counted.set(name, { space, bytes: new Uint8Array(space.size) })
  }

  return {
    know({ asset, key, status, pointer }) {
      const own = counted.get(asset)
      if (!own) return
      const ordinal = ordinalOf(own.space, definitions.assets.get(asset)!.partitions, key)
      if (ordinal >= 0) own.bytes[ordinal] = statusByte(status, pointer !== null)
    },
    async judge() {
      const found: Violation[] = []
      for (const [name, { space, bytes }] of counted) {
        const asset = definitions.assets.get(name)!
        const shown = await readStatuses(store, asset, space, false)
        const differing: number[] = []
        for (let at = 0; at < bytes.length; at++) if (bytes[at] !== shown[at]) differing.push(at)
        if (differing.length === 0) continue
        // What happened since we began to look may be in one of the two only.
        const changes = await store.statusChanges(name, begin)
        if (changes.asOf > begin && changes.isWhole) continue
        const moved = new Set(changes.asOf > begin ? changes.rows.map(({ key }) => key) : [])
        const stale = differing.filter((at) => !moved.has(keyAt(space, at)))
        for (const at of stale.slice(0, most)) {
          const where = `${name} ${keyAt(space, at)}`
          const [expected, got] = [shownAs(bytes, at), shownAs(shown, at)]
          const todo = `${stale.length} of "${name}" differ; bullion lake reindex makes the block anew`
          found.push({ kind: 'status-block-differs', where, expected, got, todo })
        }
      }
      return found
    },
  }
}

const shownAs = (bytes: StatusBytes, at: number): string =>
  `${statusAt(bytes, at)}${bytes[at]! > 3 ? ', with a version to read' : ''}`
