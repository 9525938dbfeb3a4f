import { Worker } from 'node:worker_threads'
import type { RunStore } from './port.ts'
import { reads } from './reads.ts'
import { isBehind, openSqlite } from './sqlite-connection.ts'
import type { WriteAnswer, WriteCall } from './sqlite-thread.ts'
import type { Transaction } from './transaction.ts'
import { writes } from './writes.ts'

/**
 * The embedded store: one SQLite file, safe to share between processes. Reads run in this thread on a connection that
 * can not write; writes go to a thread of their own, which starts with the first of them.
 * With `readOnly` the file must exist and every write is refused.
 */
export function sqliteStore(file: string, options: { readonly readOnly?: boolean } = {}): RunStore {
  if (!options.readOnly && isBehind(file)) openSqlite(file, 'writer').close()
  const reader = openSqlite(file, 'reader')
  let writer: Writer | undefined

  const write = (operation: keyof typeof writes, args: readonly unknown[]): Promise<unknown> => {
    if (options.readOnly) return Promise.reject(new Error(`store "${file}" is open for reading only`))
    writer ??= startWriter(file)
    return writer.call(operation, args)
  }
  const read = (operation: keyof typeof reads, args: readonly unknown[]): Promise<unknown> =>
    (reads[operation] as (tx: Transaction, ...args: readonly unknown[]) => Promise<unknown>)(reader, ...args)

  const methods = {
    ...fromKeys(
      writes,
      (name) =>
        (...args: unknown[]) =>
          write(name, args),
    ),
    ...fromKeys(
      reads,
      (name) =>
        (...args: unknown[]) =>
          read(name, args),
    ),
    now: async () => Date.now(),
    async close() {
      await writer?.close()
      reader.close()
    },
  }
  return methods as unknown as RunStore
}

const fromKeys = <T extends object, V>(object: T, make: (key: keyof T) => V) =>
  Object.fromEntries(Object.keys(object).map((key) => [key, make(key as keyof T)])) as Record<keyof T, V>

interface Writer {
  call(operation: WriteCall['operation'], args: readonly unknown[]): Promise<unknown>
  close(): Promise<void>
}

function startWriter(file: string): Writer {
  // Beside this file, as source or as built.
  const script = new URL(import.meta.url.endsWith('.ts') ? './sqlite-thread.ts' : './sqlite-thread.js', import.meta.url)
  // It holds one batch at a time: a small heap is enough, and V8 would otherwise let it grow for nothing.
  const thread = new Worker(script, { workerData: file, resourceLimits: { maxYoungGenerationSizeMb: 16 } })
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>()
  let outbox: WriteCall[] = []
  let nextId = 0
  let died: Error | undefined

  thread.on('message', (answers: string) => {
    for (const answer of JSON.parse(answers) as readonly WriteAnswer[]) {
      const caller = waiting.get(answer.id)!
      waiting.delete(answer.id)
      if ('error' in answer) caller.reject(Object.assign(new Error(answer.error.message), answer.error))
      else caller.resolve(answer.value)
    }
    if (waiting.size === 0) thread.unref()
  })
  const fail = (error: Error) => {
    died = error
    for (const caller of waiting.values()) caller.reject(error)
    waiting.clear()
  }
  thread.on('error', fail)
  thread.on('exit', (code) => fail(new Error(`the writer of store "${file}" ended with code ${code}`)))
  thread.unref()

  return {
    call(operation, args) {
      if (died) return Promise.reject(died)
      return new Promise((resolve, reject) => {
        const id = nextId++
        waiting.set(id, { resolve, reject })
        thread.ref()
        // Calls of one turn of the event loop travel together, as text: twice as fast as a clone of many small objects.
        if (outbox.length === 0) {
          queueMicrotask(() => {
            thread.postMessage(JSON.stringify(outbox))
            outbox = []
          })
        }
        outbox.push({ id, operation, args })
      })
    },
    async close() {
      while (waiting.size > 0) await new Promise((resolve) => setImmediate(resolve))
      thread.removeAllListeners('exit')
      await thread.terminate()
    },
  }
}
