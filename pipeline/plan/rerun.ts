import type { RunAsk } from './plan-run.ts'

interface KnownRun {
  readonly id: string
  readonly ask: RunAsk
}

/** What to ask for so that a finished run is run again. */
export function askAgain({ id, ask }: KnownRun, what: 'failed' | 'all'): RunAsk {
  const { keeps = [], ...again } = ask
  return what === 'all' ? { ...again, rerunOf: id, mode: 'all' } : { ...again, rerunOf: id, keeps: [...keeps, id] }
}

/**
 * The run that a failed one is followed by on its own account, if it has retries left. Its id follows from that of the
 * first (`0mw…-2` is the second try), so that it can be created only once.
 */
export function retryOf(run: KnownRun): KnownRun | undefined {
  const { runRetries = 0 } = run.ask
  if (runRetries < 1) return undefined
  const [, first, tries = '1'] = /^(.*?)(?:-(\d+))?$/.exec(run.id)!
  return { id: `${first}-${Number(tries) + 1}`, ask: { ...askAgain(run, 'failed'), runRetries: runRetries - 1 } }
}
