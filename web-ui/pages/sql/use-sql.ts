import { useRef, useState } from 'react'
import { ask } from '../../api/ask.ts'
import { remember } from './sql-history.ts'
import type { Result } from './values.ts'

export interface Question {
  readonly text: string
  readonly at: string
}

interface State {
  readonly result?: Result
  /** What `result` answers. */
  readonly of?: Question
  readonly error?: unknown
  readonly since?: number
}

/** One question at a time: asking another gives up the one before. */
export function useSql() {
  const [state, setState] = useState<State>({})
  const asking = useRef<AbortController | undefined>(undefined)

  const cancel = (): void => {
    asking.current?.abort()
    asking.current = undefined
    setState(({ since: _, ...before }) => before)
  }
  const run = async ({ text, at }: Question): Promise<void> => {
    asking.current?.abort()
    const own = new AbortController()
    asking.current = own
    setState(({ error: _, ...before }) => ({ ...before, since: Date.now() }))
    try {
      const result = await ask('sql', { text, ...(at !== '' && { at }) }, own.signal)
      remember(text)
      if (asking.current === own) setState({ result, of: { text, at } })
    } catch (error) {
      if (asking.current === own && !own.signal.aborted) setState({ error })
    }
  }
  return { ...state, isAsking: state.since !== undefined, run, cancel }
}
