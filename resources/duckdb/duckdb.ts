import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { statementDone } from './free-handles.ts'

/** An in-memory DuckDB of this process, opened at its first use; its connections are used again. */
export interface Duckdb {
  /** Lends a connection for the length of `work`. A connection whose work failed is not lent again. */
  use<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>
  /** Lends a connection for the life of the iterator that `read` makes. */
  each<T>(read: (connection: DuckDBConnection) => AsyncIterable<T>): AsyncGenerator<T>
  close(): Promise<void>
}

export interface DuckdbOptions {
  readonly threads: number
  readonly memoryMb: number
  /** Where large sorts may spill; nowhere if absent. */
  readonly spill?: string
  /** Called with each new connection. */
  readonly prepare?: (connection: DuckDBConnection) => void
}

/** Nothing is loaded before the first `use`: the library takes 0.1 s to import. */
export function duckdb(options: DuckdbOptions): Duckdb {
  const idle: DuckDBConnection[] = []
  let opening: Promise<DuckDBInstance> | undefined
  const lend = async (): Promise<DuckDBConnection> => {
    opening ??= open(options)
    return idle.pop() ?? connect(await opening, options)
  }
  return {
    async use(work) {
      const connection = await lend()
      try {
        const result = await work(connection)
        idle.push(connection)
        return result
      } catch (error) {
        connection.closeSync()
        throw error
      } finally {
        statementDone()
      }
    },
    async *each(read) {
      const connection = await lend()
      let isWhole = false
      try {
        yield* read(connection)
        isWhole = true
      } finally {
        // A result that was not read to its end is still open on the connection.
        if (isWhole) idle.push(connection)
        else connection.closeSync()
        statementDone()
      }
    },
    async close() {
      const instance = await opening
      for (const connection of idle.splice(0)) connection.closeSync()
      instance?.closeSync()
      opening = undefined
    },
  }
}

async function open(options: DuckdbOptions): Promise<DuckDBInstance> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  return DuckDBInstance.create(':memory:', {
    threads: String(options.threads),
    memory_limit: `${options.memoryMb}MB`,
    temp_directory: options.spill ?? '',
    // Files are read once or twice and then are old: kept, they would fill the memory limit for nothing.
    enable_external_file_cache: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
}

async function connect(instance: DuckDBInstance, options: DuckdbOptions): Promise<DuckDBConnection> {
  const connection = await instance.connect()
  options.prepare?.(connection)
  return connection
}
