import type { PartitionKey } from '../define/partition.ts'
import type { KeptMaterialization } from './port.ts'
import type { FileColumns, MaterializationColumns } from './rows.ts'
import { fileOf, materializationRow, selectMaterializations, statusNumber } from './rows.ts'
import type { HistoryReadName, Operations } from './transaction.ts'

/** Looks at what was: earlier versions, what they were made from, and keys as they were. */
export const historyReads: Operations<HistoryReadName> = {
  async versionsAt(tx, asset, at) {
    // A pointer that was moved by hand stays there until the next version is made, whatever the clocks of workers say.
    const rows = await tx.all<FileColumns & { uid: string; removed_at: number | null }>(
      `with made as (
         select m.partition_id, max(m.id) as id from materialization m join partition p on p.id = m.partition_id
         where p.asset_id = (select id from asset where name = ?) and m.status = ? and m.at <= ? group by m.partition_id
       ), moved as (
         select c.partition_id, max(c.id) as id from correction c join partition p on p.id = c.partition_id
         where p.asset_id = (select id from asset where name = ?) and c.at <= ? group by c.partition_id
       )
       select p.key, m.uid, m.path, m.rows, m.bytes, m.version, m.content, m.removed_at
       from made join partition p on p.id = made.partition_id
       left join moved on moved.partition_id = made.partition_id left join correction c on c.id = moved.id
       join materialization m on m.id = case when c.after_id >= made.id then c.materialization_id else made.id end
       order by p.key`,
      asset,
      statusNumber.published,
      at,
      asset,
      at,
    )
    return rows.map((row) => ({ ...fileOf(row), id: row.uid, isRemoved: row.removed_at !== null }))
  },

  async materializations(tx, numbers) {
    const found = []
    for (const number of numbers) {
      found.push(...(await tx.all<MaterializationColumns>(`${selectMaterializations} where m.id = ?`, number)))
    }
    return found.map(materializationRow)
  },

  async readersOf(tx, numbers, assets, limit) {
    const read = new Set(numbers)
    const found = new Map<number, KeptMaterialization>()
    // A look at the text of what was read, in parts that a database can plan; what only looks alike is left out after.
    for (let at = 0; at < numbers.length; at += 50) {
      const part = numbers.slice(at, at + 50)
      const patterns = part.flatMap((number) => [`%[${number}]%`, `%[${number},%`, `%,${number},%`, `%,${number}]%`])
      const rows = await tx.all<MaterializationColumns>(
        `${selectMaterializations} where p.materialization_id = m.id and a.name in (${assets.map(() => '?').join(', ')})
           and (${patterns.map(() => 'm.sources like ?').join(' or ')}) order by m.id limit ?`,
        ...assets,
        ...patterns,
        limit,
      )
      for (const row of rows.map(materializationRow)) {
        if (Object.values(row.sources).some((list) => list.some((number) => read.has(number))))
          found.set(row.number, row)
      }
    }
    return [...found.values()].sort((a, b) => a.number - b.number).slice(0, limit)
  },

  async superseded(tx, after, limit) {
    const rows = await tx.all<{
      number: number
      asset: string
      key: PartitionKey
      path: string
      bytes: number
      status: number
      superseded_at: number
      newer: number
    }>(
      `select m.id as number, a.name as asset, p.key, m.path, m.bytes, m.status, m.superseded_at,
         (select count(*) from materialization n where n.partition_id = m.partition_id and n.id > m.id and n.status = ?
            and n.removed_at is null) as newer
       from materialization m join partition p on p.id = m.partition_id join asset a on a.id = p.asset_id
       where m.superseded_at is not null and m.removed_at is null and m.id > ? order by m.id limit ?`,
      statusNumber.published,
      after,
      limit,
    )
    return rows.map(({ status, superseded_at, ...row }) => ({
      ...row,
      isRejected: status === statusNumber.rejected,
      supersededAt: superseded_at,
    }))
  },

  async droppedFiles(tx, limit) {
    return tx.all<{ number: number; path: string }>(
      'select id as number, path from materialization where removed_at is not null and is_gone = 0 order by id limit ?',
      limit,
    )
  },

  async partitionsAfter(tx, after, limit) {
    return tx.all<{ number: number; asset: string; key: PartitionKey }>(
      `select p.id as number, a.name as asset, p.key from partition p join asset a on a.id = p.asset_id
       where p.id > ? order by p.id limit ?`,
      after,
      limit,
    )
  },

  async dynamicKeys(tx, names, at) {
    const byName: Record<string, readonly string[]> = {}
    for (const name of names) {
      const rows = await tx.all<{ key: string }>(
        `select key from dynamic_key where name = ? and added_at <= ? and (removed_at is null or removed_at > ?) order by id`,
        name,
        at,
        at,
      )
      byName[name] = rows.map(({ key }) => key)
    }
    return byName
  },
}
