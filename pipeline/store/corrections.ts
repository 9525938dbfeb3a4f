import type { PartitionKey } from '../define/partition.ts'
import { assetIdOf, insertEvent, insertMaterialization, supersede } from './row-writes.ts'
import { statusNumber } from './rows.ts'
import type { CorrectionName, Operations, Transaction } from './transaction.ts'

/** Operations that change the catalogue without a run. */
export const corrections: Operations<CorrectionName> = {
  async rollback(tx, { asset, key, materialization, now }) {
    const partition = await partitionOf(tx, asset, key)
    if (!partition) return 'unknown'
    const [version] = await tx.all<{ id: number; removed_at: number | null }>(
      `select id, removed_at from materialization where partition_id = ? and uid = ? and status = ? ${tx.forUpdate}`,
      partition.id,
      materialization,
      statusNumber.published,
    )
    if (!version) return 'unknown'
    if (version.id === partition.materialization_id) return 'current'
    if (version.removed_at !== null) return 'removed'
    if (isHeld(partition, now)) return 'held'
    await movePointer(tx, partition.id, version.id, now)
    await insertEvent(tx, undefined, partition.id, 'rolled-back', { materialization }, now)
    return 'rolled-back'
  },

  async wipe(tx, asset, keys, now) {
    const wiped: PartitionKey[] = []
    const held: PartitionKey[] = []
    for (const key of keys) {
      const partition = await partitionOf(tx, asset, key)
      if (!partition || (partition.materialization_id === null && partition.status === 0)) continue
      if (isHeld(partition, now)) {
        held.push(key)
        continue
      }
      await movePointer(tx, partition.id, null, now)
      await insertEvent(tx, undefined, partition.id, 'wiped', undefined, now)
      wiped.push(key)
    }
    return { wiped, held }
  },

  async observe(tx, { id, asset, key, version, file, metadata, at }) {
    const assetId = await assetIdOf(tx, asset)
    await tx.run(
      'insert into partition (asset_id, key) values (?, ?) on conflict (asset_id, key) do nothing',
      assetId,
      key,
    )
    const partition = (await partitionOf(tx, asset, key))!
    const [before] = await tx.all<{ version: string }>(
      'select version from materialization where id = ?',
      partition.materialization_id,
    )
    const isNew = before?.version !== version
    if (isNew) {
      await supersede(tx, partition.id, at)
      const seen = { path: '', rows: 0, bytes: 0, ...file, id, asset, key, run: '', version, metadata, at }
      const made = { ...seen, codeVersion: '', inputs: {}, checks: [] }
      const number = await insertMaterialization(tx, partition.id, made, statusNumber.published)
      await tx.run('update partition set status = 1, materialization_id = ? where id = ?', number, partition.id)
      await insertEvent(tx, undefined, partition.id, 'observed', { version }, at)
    } else {
      await tx.run(
        `update materialization set metadata = ?, path = coalesce(?, path), rows = coalesce(?, rows),
           bytes = coalesce(?, bytes) where id = ?`,
        JSON.stringify(metadata),
        file?.path ?? null,
        file?.rows ?? null,
        file?.bytes ?? null,
        partition.materialization_id,
      )
    }
    return isNew
  },

  async dropVersions(tx, numbers, now) {
    const dropped: number[] = []
    for (const number of numbers) {
      const done = await tx.all<{ id: number }>(
        `update materialization set removed_at = ? where id = ? and removed_at is null and superseded_at is not null
           and not exists (select 1 from partition p where p.materialization_id = materialization.id) returning id`,
        now,
        number,
      )
      dropped.push(...done.map(({ id }) => id))
    }
    return dropped
  },

  async forgetFiles(tx, numbers) {
    for (const number of numbers) {
      await tx.run('update materialization set is_gone = 1 where id = ? and removed_at is not null', number)
    }
  },

  async addKeys(tx, name, keys, now) {
    const added: string[] = []
    await tx.lock(`keys ${name}`)
    for (const key of keys) {
      const done = await tx.all(
        `insert into dynamic_key (name, key, added_at) values (?, ?, ?) on conflict (name, key) do update set
           removed_at = null where dynamic_key.removed_at is not null returning id`,
        name,
        key,
        now,
      )
      if (done.length > 0) added.push(key)
    }
    return added
  },

  async removeKeys(tx, name, keys, now) {
    const removed: string[] = []
    await tx.lock(`keys ${name}`)
    for (const key of keys) {
      const done = await tx.all(
        'update dynamic_key set removed_at = ? where name = ? and key = ? and removed_at is null returning id',
        now,
        name,
        key,
      )
      if (done.length > 0) removed.push(key)
    }
    return removed
  },
}

interface PartitionColumns {
  readonly id: number
  readonly status: number
  readonly materialization_id: number | null
  readonly worker: string | null
  readonly leased_until: number | null
}

/** It stays as it is here until the transaction ends. */
async function partitionOf(tx: Transaction, asset: string, key: PartitionKey): Promise<PartitionColumns | undefined> {
  const [row] = await tx.all<PartitionColumns>(
    `select id, status, materialization_id, worker, leased_until from partition where asset_id = ? and key = ? ${tx.forUpdate}`,
    await assetIdOf(tx, asset),
    key,
  )
  return row
}

const isHeld = ({ worker, leased_until }: PartitionColumns, now: number) =>
  worker !== null && (leased_until ?? 0) >= now

/** Publishes another version, or none. The token grows, so that whoever held the partition before can not undo it. */
async function movePointer(tx: Transaction, partition: number, version: number | null, now: number): Promise<void> {
  await supersede(tx, partition, now)
  await tx.run('update materialization set superseded_at = null where id = ?', version)
  await tx.run(
    `update partition set status = ?, materialization_id = ?, error = null, worker = null, leased_until = null,
       lease = lease + 1 where id = ?`,
    version === null ? statusNumber.missing : statusNumber.published,
    version,
    partition,
  )
  await tx.run(
    `insert into correction (partition_id, at, after_id, materialization_id)
     values (?, ?, (select coalesce(max(id), 0) from materialization where partition_id = ?), ?)`,
    partition,
    now,
    partition,
    version,
  )
}
