import type { PartitionKey } from '../define/partition.ts'
import type { MaterializationColumns } from './rows.ts'
import { materializationRow, selectMaterializations, statusNumber } from './rows.ts'
import type { CurrentReadName, Operations } from './transaction.ts'

/** Partitions asked for by one statement. */
const keysAtOnce = 100

/** What is published of some partitions. */
export const currentReads: Operations<CurrentReadName> = {
  async currentOf(tx, asset, keys) {
    const found = []
    for (let at = 0; at < keys.length; at += keysAtOnce) {
      // Filled up with what no key is, so that there are few statements to prepare.
      const part: (PartitionKey | null)[] = keys.slice(at, at + keysAtOnce)
      while (part.length !== 1 && part.length < keysAtOnce) part.push(null)
      const rows = await tx.all<MaterializationColumns & { revision: number }>(
        `${selectMaterializations.replace('m.id as number', `m.id as number, ${earlier} as revision`)}
         where p.asset_id = (select id from asset where name = ?) and p.key in (${part.map(() => '?').join(', ')})
           and p.materialization_id = m.id`,
        asset,
        ...part,
      )
      found.push(...rows.map(({ revision, ...row }) => ({ ...materializationRow(row), revision })))
    }
    return found
  },
}

const earlier = `(select count(*) from materialization n where n.partition_id = m.partition_id and n.id < m.id
  and n.status = ${statusNumber.published})`
