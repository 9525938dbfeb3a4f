import { clearScreenDown, moveCursor } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import type { RunResult, RunState, RunStore, StartedRun, StepFailure } from '#pipeline'
import { total } from '#pipeline'
import { clock, count, print, styled } from './terminal.ts'

/** Shows how a run is getting on: a block that redraws itself on a terminal, a line every few seconds elsewhere. */
export interface Progress {
  onProgress(state: RunState, running: Readonly<Record<string, number>>): void
  onFailure(failure: StepFailure): void
  /** Draws the last state and leaves it there. */
  end(): void
}

/** Cells of a bar, between which it takes the width that is left. */
const [leastBar, mostBar] = [6, 24]
/** Letters of a name that is cut. */
const leastName = 12
const redrawMs = 120
const lineMs = 5_000
/** Failures that are shown as they come; all of them are in `bullion runs show ID`. */
const shownFailures = 5

export function showProgress(out: NodeJS.WriteStream = process.stdout, now: () => number = Date.now): Progress {
  const startedAt = now()
  const isTerminal = out.isTTY === true
  let latest: RunState | undefined
  let latestRunning: Readonly<Record<string, number>> = {}
  let drawn = 0
  let lastDraw = Number.NEGATIVE_INFINITY
  let failures = 0
  const spans = new Map<string, Span>()

  const erase = (): void => {
    if (drawn === 0) return
    moveCursor(out, 0, -drawn)
    clearScreenDown(out)
    drawn = 0
  }
  const rateOf = (asset: string): number => {
    const span = spans.get(asset)
    const ms = span ? (span.endedAt ?? now()) - span.startedAt : 0
    return ms > 0 ? ((span!.ended - span!.before) / ms) * 1_000 : 0
  }
  const draw = (): void => {
    if (!latest || total(latest.counts.planned) === 0) return
    erase()
    const lines = progressLines(latest, latestRunning, rateOf, out.columns ?? 100)
    out.write(`${lines.join('\n')}\n`)
    drawn = lines.length
    lastDraw = now()
  }
  const tell = (state: RunState): void => {
    if (total(state.counts.planned) > 0) print(progressText(state, now() - startedAt))
  }
  const timer = isTerminal ? setInterval(draw, 1_000) : undefined
  timer?.unref()
  return {
    onProgress(state, running) {
      latest = state
      latestRunning = running
      for (const one of progressOf(state, running)) note(spans, one, now())
      if (now() - lastDraw < (isTerminal ? redrawMs : lineMs)) return
      if (isTerminal) draw()
      else {
        lastDraw = now()
        tell(state)
      }
    },
    onFailure({ asset, key, error }) {
      failures += 1
      if (failures > shownFailures) return
      erase()
      const more = failures === shownFailures ? ' (further failures are in: bullion runs show ID)' : ''
      out.write(`${styled('red', 'failed')} ${asset} ${key}: ${error}${more}\n`)
      if (isTerminal) draw()
    },
    end() {
      clearInterval(timer)
      if (isTerminal) draw()
      else if (latest) tell(latest)
    },
  }
}

/**
 * Shows how one run of several gets on, and waits for its end. A listener hears of all runs that are taken up together, so
 * that the store is asked about this one.
 */
export async function followRun(store: Pick<RunStore, 'run'>, run: StartedRun): Promise<RunResult> {
  const progress = showProgress()
  const look = async (): Promise<void> => {
    const row = await store.run(run.id)
    if (row) progress.onProgress({ status: row.status, canceling: row.cancelRequested, counts: row.counts }, {})
  }
  // What is wrong with the store is told by the run itself.
  const looking = setInterval(() => void look().catch(() => undefined), 500)
  try {
    const result = await run.result
    progress.onProgress(result.state, {})
    for (const failure of result.failures) progress.onFailure(failure)
    return result
  } finally {
    clearInterval(looking)
    progress.end()
  }
}

/** When an asset's first step began and its last one ended: its rate is of that time, not of the whole run's. */
interface Span {
  readonly startedAt: number
  readonly endedAt: number | undefined
  /** Steps that had ended by then: a run that is taken up again did these before. */
  readonly before: number
  readonly ended: number
}

function note(spans: Map<string, Span>, { asset, planned, done, failed, running }: AssetProgress, at: number): void {
  const span = spans.get(asset)
  const ended = done + failed
  if (!span && (running > 0 || ended > 0)) {
    spans.set(asset, { startedAt: at, endedAt: undefined, before: ended, ended })
  }
  if (span && span.endedAt === undefined) {
    spans.set(asset, { ...span, ended, endedAt: ended === planned ? at : undefined })
  }
}

interface AssetProgress {
  readonly asset: string
  readonly planned: number
  readonly done: number
  readonly failed: number
  readonly running: number
}

function progressOf({ counts }: RunState, running: Readonly<Record<string, number>>): readonly AssetProgress[] {
  return Object.entries(counts.planned).map(([asset, planned]) => ({
    asset,
    planned,
    done: (counts.published[asset] ?? 0) + (counts.unchanged[asset] ?? 0) + (counts.skipped[asset] ?? 0),
    failed: (counts.failed[asset] ?? 0) + (counts.rejected[asset] ?? 0) + (counts.blocked[asset] ?? 0),
    running: running[asset] ?? 0,
  }))
}

/** One line an asset: a bar, how many are done, running and failed, the rate, and the time left. */
export function progressLines(
  state: RunState,
  running: Readonly<Record<string, number>>,
  /** Steps a second. */
  rateOf: (asset: string) => number,
  width: number,
): readonly string[] {
  const all = progressOf(state, running)
  const countWidth = Math.max(...all.map(({ planned }) => count(planned).length))
  const tails = all.map(({ asset, planned, done, failed, running }) => {
    const ended = done + failed
    const rate = rateOf(asset)
    const left = ended === planned ? 'done' : rate > 0 ? `${clock(((planned - ended) / rate) * 1000)} left` : ''
    const parts = [
      `${count(done).padStart(countWidth)}/${count(planned).padEnd(countWidth)}`,
      failed > 0
        ? styled('red', `${count(failed)} failed`.padEnd(9))
        : running > 0
          ? styled('cyan', `${running} running`.padEnd(9))
          : ' '.repeat(9),
    ]
    if (width >= 96) parts.push((rate === 0 ? '' : `${rate >= 10 ? count(rate) : rate.toFixed(1)}/s`).padStart(7))
    parts.push(ended === planned ? styled('green', left) : left)
    return parts.join('  ')
  })
  // A line that wraps would be erased by half at the next redraw: names and bars share what the rest leaves, less the
  // blanks between and the last column.
  const room = width - Math.max(...tails.map((tail) => stripVTControlCharacters(tail).length)) - 7
  const nameWidth = Math.min(Math.max(...all.map(({ asset }) => asset.length)), Math.max(leastName, room - leastBar))
  const barWidth = Math.min(mostBar, Math.max(leastBar, room - nameWidth))
  return all.map(({ asset, planned, done, failed }, at) => {
    const name = asset.length > nameWidth ? `${asset.slice(0, nameWidth - 1)}…` : asset.padEnd(nameWidth)
    return `  ${name}  ${bar(done, failed, planned, barWidth)}  ${tails[at]}`
  })
}

function bar(done: number, failed: number, planned: number, barWidth: number): string {
  const cells = (part: number) => Math.floor((part / Math.max(1, planned)) * barWidth)
  const [good, bad] = [cells(done), failed > 0 ? Math.max(1, cells(failed)) : 0]
  return (
    styled('green', '█'.repeat(Math.min(good, barWidth - bad))) +
    styled('red', '█'.repeat(bad)) +
    styled('dim', '░'.repeat(Math.max(0, barWidth - Math.min(good, barWidth - bad) - bad)))
  )
}

function progressText(state: RunState, elapsedMs: number): string {
  const parts = progressOf(state, {}).map(
    ({ asset, planned, done, failed }) => `${asset} ${done}/${planned}${failed > 0 ? ` (${failed} failed)` : ''}`,
  )
  return `[${clock(elapsedMs)}] ${parts.join(', ')}`
}
