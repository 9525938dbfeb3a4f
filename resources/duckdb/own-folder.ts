import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

/**
 * A folder in `parent` for what this process spills. DuckDB names its files alike in every process: two that shared a folder
 * would overwrite what the other one put aside. Those of processes that are gone are removed.
 */
export function ownFolder(parent: string): string {
  mkdirSync(parent, { recursive: true })
  const host = `${hostname()}-`
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(host) ? Number(name.slice(host.length)) : Number.NaN
    if (Number.isInteger(pid) && !isAlive(pid)) rmSync(join(parent, name), { recursive: true, force: true })
  }
  return join(parent, `${host}${process.pid}`)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
