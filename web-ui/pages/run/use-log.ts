import { useCallback, useEffect, useRef, useState } from 'react'
import type { Answer, Given } from '../../../server/contract/contract.ts'
import { ask } from '../../api/ask.ts'

export type LogLine = Answer<'runLog'>['items'][number]
export type LogFilter = Omit<Given<'runLog'>, 'order' | 'cursor' | 'limit'>

interface Log {
  readonly lines: readonly LogLine[]
  /** Where to read on towards the beginning; null where it was reached. */
  readonly older: string | null
  /** Where to read on towards the end. */
  readonly newer: string | null
  /** The newest line was reached; what comes later begins at `newer`. */
  readonly isAtEnd: boolean
}

const linesAtOnce = 300

/**
 * The log of a run from a place on, read further in both directions as it is asked for: from its start, from its end, or
 * from the line of an id. Give it a key, so that another filter begins anew.
 */
export function useLog(filter: LogFilter, from: 'start' | 'end' | { readonly line: string }) {
  const [log, setLog] = useState<Log>()
  const [error, setError] = useState<unknown>()
  const busy = useRef(false)
  const alive = useRef(new AbortController())
  const newest = useRef(log)
  newest.current = log

  const read = useCallback(async (next: () => Promise<Log>): Promise<void> => {
    if (busy.current) return
    busy.current = true
    const { signal } = alive.current
    try {
      const read = await next()
      if (signal.aborted) return
      setLog(read)
      setError(undefined)
    } catch (error) {
      if (!signal.aborted) setError(error)
    } finally {
      busy.current = false
    }
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter is another log, by its key
  const begin = useCallback(
    () => read(() => (from === 'end' ? fromEnd(filter) : fromStart(filter, from === 'start' ? undefined : from.line))),
    [],
  )
  useEffect(() => {
    alive.current = new AbortController()
    busy.current = false
    void begin()
    return () => alive.current.abort()
  }, [begin])

  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const readOlder = useCallback(() => {
    const known = newest.current
    if (known?.older != null) void read(() => earlier(filter, known))
  }, [read])
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const readNewer = useCallback(() => {
    const known = newest.current
    if (known?.newer != null) void read(() => later(filter, known))
  }, [read])
  return { log, error, begin, readOlder, readNewer }
}

async function fromEnd(filter: LogFilter): Promise<Log> {
  const page = await ask('runLog', { ...filter, order: 'newest', limit: linesAtOnce })
  return { lines: page.items.toReversed(), older: page.next, newer: page.tail, isAtEnd: true }
}

async function fromStart(filter: LogFilter, line: string | undefined): Promise<Log> {
  // The id of a line begins with the number of its event, and numbers are cursors: from the event before on.
  const event = line === undefined ? undefined : Number(line.split('.')[0])
  const cursor = event === undefined ? {} : { cursor: String(event - 1) }
  const page = await ask('runLog', { ...filter, ...cursor, order: 'oldest', limit: linesAtOnce })
  return {
    lines: page.items,
    older: event === undefined ? null : String(event),
    newer: page.next ?? page.tail,
    isAtEnd: page.next === null,
  }
}

async function earlier(filter: LogFilter, log: Log): Promise<Log> {
  const page = await ask('runLog', { ...filter, order: 'newest', limit: linesAtOnce, cursor: log.older! })
  return { ...log, lines: [...page.items.toReversed(), ...log.lines], older: page.next }
}

async function later(filter: LogFilter, log: Log): Promise<Log> {
  const page = await ask('runLog', { ...filter, order: 'oldest', limit: linesAtOnce, cursor: log.newer! })
  return {
    ...log,
    lines: page.items.length === 0 ? log.lines : [...log.lines, ...page.items],
    newer: page.next ?? page.tail ?? log.newer,
    isAtEnd: page.next === null,
  }
}
