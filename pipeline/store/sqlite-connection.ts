import { existsSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { PipelineError } from '../define/errors.ts'
import { migrations } from './schema.ts'
import type { SqlParameter, Transaction } from './transaction.ts'

/** How long a writer waits for another process's commit. */
const busyMs = 15_000

export interface SqliteConnection extends Transaction {
  exec(sql: string): void
  /** Ends the transaction without its changes; SQLite may have done so itself, as when the disk is full. */
  rollback(): void
  close(): void
}

/** Whether the file has to be made, or brought to our schema, before anything can be read from it. */
export function isBehind(file: string): boolean {
  if (!existsSync(file)) return true
  const reader = openSqlite(file, 'reader')
  const [schema] = reader.all('pragma user_version') as readonly { user_version: number }[]
  reader.close()
  return schema!.user_version < migrations.length
}

/** Opens the file; a writer makes and migrates it, a reader never changes it. Throws `store.newer`. */
export function openSqlite(file: string, as: 'writer' | 'reader'): SqliteConnection {
  // Not imported above: definitions and `materialize()` also run where Node has no SQLite yet.
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const database = new DatabaseSync(file, { readOnly: as === 'reader', timeout: busyMs })
  refuseNewer(database, file)
  if (as === 'writer') {
    database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = off')
    migrate(database)
  }
  const statements = new Map<string, StatementSync>()
  const prepared = (sql: string): StatementSync => {
    const known = statements.get(sql)
    if (known) return known
    const statement = database.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  return {
    ids: new Map(),
    all: <Row>(sql: string, ...parameters: SqlParameter[]) => prepared(sql).all(...parameters) as Row[],
    run: (sql, ...parameters) => void prepared(sql).run(...parameters),
    // One writer at a time, whose events are seen in the order of their numbers.
    lock: () => {},
    forUpdate: '',
    finalEvent: () => Number.MAX_SAFE_INTEGER,
    exec: (sql) => database.exec(sql),
    rollback: () => {
      if (database.isTransaction) database.exec('rollback')
    },
    close: () => database.close(),
  }
}

const versionOf = (database: DatabaseSync): number =>
  (database.prepare('pragma user_version').get() as { user_version: number }).user_version

function refuseNewer(database: DatabaseSync, file: string): void {
  const version = versionOf(database)
  if (version <= migrations.length) return
  database.close()
  throw new PipelineError('store.newer', { file, version, known: migrations.length })
}

function migrate(database: DatabaseSync): void {
  if (versionOf(database) === migrations.length) return
  // Two processes may open a new file at once: the second waits here and finds the work done.
  database.exec('begin immediate')
  try {
    for (const statements of migrations.slice(versionOf(database))) database.exec(statements)
    database.exec(`pragma user_version = ${migrations.length}`)
    database.exec('commit')
  } catch (error) {
    database.exec('rollback')
    throw error
  }
}
