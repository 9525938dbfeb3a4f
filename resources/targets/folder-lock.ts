import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Waits until no other process or call publishes to this folder; returns what lets the next one in.
 *
 * The lock is the operating system's own lock on an empty SQLite file: it ends with its process however that dies, so
 * there is no stale lock to guess about.
 */
export async function lockFolder(root: string, signal: AbortSignal): Promise<() => void> {
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(join(root, '.lock'), { timeout: 0 })
  try {
    for (;;) {
      signal.throwIfAborted()
      if (isLocked(database)) break
      await delay(50, undefined, { signal })
    }
  } catch (error) {
    database.close()
    throw error
  }
  return () => database.close()
}

function isLocked(database: { exec(sql: string): void }): boolean {
  try {
    database.exec('pragma journal_mode = off; begin exclusive')
    return true
  } catch (error) {
    const busy = 5
    if ((error as { errcode?: number }).errcode === busy) return false
    throw error
  }
}
