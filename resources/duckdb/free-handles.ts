import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Statements between two looks at the memory of the process. */
const every = 64
/** How much the process may grow before its handles are freed. */
const growthBytes = 64 * 1024 * 1024

let collect: (() => void) | undefined
let statements = 0
let settledBytes = 0

/**
 * Counts a finished statement, and collects garbage when the process has grown. A result of DuckDB is a small object
 * here that holds up to 80 kB there, of which the collector knows nothing, so it would let thousands of them live. A
 * collection takes 50 ms, and there is one in a few thousand statements.
 */
export function statementDone(): void {
  statements += 1
  if (statements % every !== 0) return
  const bytes = process.memoryUsage.rss()
  if (settledBytes === 0) settledBytes = bytes
  if (bytes < settledBytes + growthBytes) return
  collect ??= exposedCollect()
  collect()
  settledBytes = process.memoryUsage.rss()
}

function exposedCollect(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
