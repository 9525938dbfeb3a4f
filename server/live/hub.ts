import type { RunRow as StoredRun } from '#pipeline'
import type { Change } from '../contract/overview.ts'
import { pulses } from '../query/pulse.ts'
import { runRow } from '../query/run-row.ts'
import type { Served } from '../served.ts'

/** Tells of changes while somebody listens. */
export interface LiveHub {
  /** Calls the listener soon with how all is, then with what changes. Returns what ends it. */
  subscribe(listener: Listener): () => void
  close(): void
}

type Listener = (change: Change) => void

/** How often the store is looked at while things happen, and when nothing has for a while. */
const busyMs = 250
const idleMs = 1_000
/** How long it is taken to be busy after something happened. */
const calmMs = 5_000
/** Who ticked, and which workers there are, is looked up less often. */
const slowMs = 1_000
/** Nobody hears more often, however many come. */
const leastMs = 200
const mostRuns = 100
/** Runs whose last words are remembered. */
const rememberedRuns = 1_000

/**
 * One look at the store for all listeners, again and again, and none without a listener. A listener is first told how
 * all is, so that it misses nothing of what happened before its first look.
 */
export function openLiveHub(
  { engine }: Pick<Served, 'engine'>,
  onTrouble: (error: unknown) => void = () => {},
): LiveHub {
  const { store } = engine
  const listeners = new Map<Listener, { isNew: boolean }>()
  let told = nothingTold()
  let timer: NodeJS.Timeout | undefined
  let isLooking = false
  let isInTrouble = false
  let movedAt = 0
  let lookedAt = Number.NEGATIVE_INFINITY
  let slowAt = Number.NEGATIVE_INFINITY

  async function look(): Promise<void> {
    const newcomers = [...listeners].filter(([, one]) => one.isNew).map(([listener]) => listener)
    const isSlowDue = performance.now() - slowAt >= slowMs
    // Runs that ended just before someone came may still be shown as running there.
    const back = newcomers.length > 0 ? mostRuns : 0
    const after = told.runsUpTo ?? (await store.watchRuns(latest, 1)).upTo
    const [{ event, assets }, { upTo, runs }, ticked, workers] = await Promise.all([
      pulses(engine).now(),
      store.watchRuns({ run: after.run - back, end: after.end - back }, mostRuns),
      isSlowDue ? store.automations() : undefined,
      isSlowDue ? store.workers() : undefined,
    ])
    if (isSlowDue) slowAt = performance.now()
    const rows = runs.map((run: StoredRun & { readonly lastEvent: number }) => ({
      ...runRow(run),
      lastEvent: run.lastEvent,
    }))
    const whole = { at: engine.clock(), event, assets: [...assets.values()], runs: rows.slice(0, mostRuns) }
    const automations = ticked?.map(({ name, ...row }) => [name, JSON.stringify(row)] as const) ?? []
    const team = workers?.map(({ id }) => id).join(' ')
    const change: Change = {
      ...whole,
      assets: whole.assets.filter((pulse) => isNews(told.assets, pulse.asset, JSON.stringify(pulse))),
      runs: rows.filter((row) => isNews(told.runs, row.run, JSON.stringify(row))).slice(0, mostRuns),
      automations: automations
        .filter(([name, row]) => isNews(told.automations, name, row) && told.isBegun)
        .map(([name]) => name),
      workers: told.isBegun && team !== undefined && told.workers !== team,
    }
    told.runsUpTo = upTo
    told.workers = team ?? told.workers
    told.isBegun = true
    forgetOldest(told.runs)
    const isChange =
      change.assets.length + change.runs.length + change.automations.length > 0 || change.workers || event > told.event
    told.event = event
    if (isChange) movedAt = performance.now()
    for (const listener of newcomers) {
      const state = listeners.get(listener)
      if (!state) continue
      state.isNew = false
      tell(listener, { ...whole, automations: [...told.automations.keys()], workers: true })
    }
    if (!isChange) return
    for (const [listener, { isNew }] of listeners) {
      if (!isNew && !newcomers.includes(listener)) tell(listener, change)
    }
  }

  function tell(listener: Listener, change: Change): void {
    try {
      listener(change)
    } catch (error) {
      onTrouble(error)
    }
  }

  async function lookOn(): Promise<void> {
    if (isLooking || listeners.size === 0) return
    isLooking = true
    lookedAt = performance.now()
    clearTimeout(timer)
    try {
      await look()
      isInTrouble = false
    } catch (error) {
      if (!isInTrouble && listeners.size > 0) onTrouble(error)
      isInTrouble = true
    } finally {
      isLooking = false
      plan()
    }
  }

  function plan(): void {
    clearTimeout(timer)
    if (listeners.size === 0) {
      // What happens while nobody listens is not followed: the next one who comes is told all.
      told = nothingTold()
      slowAt = Number.NEGATIVE_INFINITY
      return
    }
    const hasNewcomer = [...listeners.values()].some(({ isNew }) => isNew)
    const isBusy = performance.now() - movedAt < calmMs
    const pauseMs = isInTrouble
      ? idleMs
      : hasNewcomer
        ? Math.max(0, leastMs - (performance.now() - lookedAt))
        : isBusy
          ? busyMs
          : idleMs
    timer = setTimeout(() => void lookOn(), pauseMs).unref()
  }

  return {
    subscribe(listener) {
      // A function given twice is two listeners.
      const own: Listener = (change) => listener(change)
      listeners.set(own, { isNew: true })
      movedAt = performance.now()
      if (!isLooking) plan()
      return () => {
        listeners.delete(own)
        if (listeners.size === 0 && !isLooking) plan()
      }
    },
    close() {
      listeners.clear()
      if (!isLooking) plan()
    },
  }
}

/** A cursor that only unfinished runs come after. */
const latest = { run: Number.MAX_SAFE_INTEGER, end: Number.MAX_SAFE_INTEGER }

interface Told {
  event: number
  isBegun: boolean
  runsUpTo: { readonly run: number; readonly end: number } | undefined
  workers: string | undefined
  readonly assets: Map<string, string>
  readonly runs: Map<string, string>
  readonly automations: Map<string, string>
}

const nothingTold = (): Told => ({
  ...{ event: 0, isBegun: false, runsUpTo: undefined, workers: undefined },
  ...{ assets: new Map(), runs: new Map(), automations: new Map() },
})

/** Whether something is another than it was last told; from then on it is told. */
function isNews(told: Map<string, string>, name: string, text: string): boolean {
  if (told.get(name) === text) return false
  told.delete(name)
  told.set(name, text)
  return true
}

function forgetOldest(told: Map<string, string>): void {
  for (const name of told.keys()) {
    if (told.size <= rememberedRuns) return
    told.delete(name)
  }
}
