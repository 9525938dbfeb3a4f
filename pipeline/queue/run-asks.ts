import type { RunAsk } from '../plan/plan-run.ts'

/** What a step has to know of its run. */
export type StepAsk = Pick<RunAsk, 'mode' | 'params' | 'now'>

const mostRuns = 1_000
/** A run may have ended meanwhile, and whoever led it with it. */
const keepMs = 10_000

/** Remembers for a while what was asked of the runs whose steps come by; `undefined` is a run that is not under way. */
export function runAsks(
  askOf: (run: string) => Promise<StepAsk | undefined>,
  clock: () => number,
): (run: string) => Promise<StepAsk | undefined> {
  const known = new Map<string, { readonly at: number; readonly ask: Promise<StepAsk | undefined> }>()
  return (run) => {
    const last = known.get(run)
    if (last && clock() - last.at < keepMs) return last.ask
    const ask = askOf(run)
    known.delete(run)
    known.set(run, { at: clock(), ask })
    if (known.size > mostRuns) known.delete(known.keys().next().value!)
    ask.catch(() => known.delete(run))
    return ask
  }
}
