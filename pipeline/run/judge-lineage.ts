import type { PartitionAccount, RunStore } from '../store/port.ts'
import { nameOf } from './judge-partition.ts'
import type { Violation } from './violation.ts'

export interface LineageJudge {
  /** Takes down which versions there are. */
  know(account: PartitionAccount): void
  /** What the versions of some partitions say they were made from, as far as that is known already. */
  judge(accounts: readonly PartitionAccount[]): readonly Violation[]
  /** What was not known when it was asked for. */
  rest(): Promise<readonly Violation[]>
}

const [published, rejected] = [1, 2]

/** Holds what versions were made from against the versions there are: a byte for each number of a version. */
export function lineageJudge(store: Pick<RunStore, 'materializations'>): LineageJudge {
  let known = new Uint8Array(1 << 16)
  const unknown: { readonly number: number; readonly where: string; readonly id: string }[] = []

  const wrong = (where: string, id: string, number: number, got: string): Violation => ({
    kind: 'lineage-broken',
    where,
    expected: `version ${id} made from published versions`,
    got: `number ${number}, which ${got}`,
    todo: 'make it again: bullion materialize',
  })

  return {
    know({ versions }) {
      for (const { number, status } of versions) {
        if (number >= known.length) {
          const larger = new Uint8Array(2 ** Math.ceil(Math.log2(number + 1)))
          larger.set(known)
          known = larger
        }
        known[number] = status === 'rejected' ? rejected : published
      }
    },
    judge(accounts) {
      const found: Violation[] = []
      for (const account of accounts) {
        const where = nameOf(account)
        for (const { id, sources } of account.versions) {
          for (const number of Object.values(sources).flat()) {
            if (known[number] === rejected) found.push(wrong(where, id, number, 'a check refused'))
            else if (known[number] !== published) unknown.push({ number, where, id })
          }
        }
      }
      return found
    },
    async rest() {
      const found: Violation[] = []
      for (const { number, where, id } of unknown) {
        // Of a later page, or made while we looked.
        const status = known[number] || (await store.materializations([number]))[0]?.status
        if (status === undefined) found.push(wrong(where, id, number, 'is not there'))
        else if (status === rejected || status === 'rejected') found.push(wrong(where, id, number, 'a check refused'))
      }
      return found
    },
  }
}
