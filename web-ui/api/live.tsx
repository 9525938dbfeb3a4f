/**
 * The stream of changes, one for the whole page. What it says of assets and runs is written into the answers that are
 * shown; what can not be patched is asked for anew, and only while it is on the screen.
 */

import type { QueryClient } from '@tanstack/react-query'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { createContext, useContext, useEffect, useState } from 'react'
import type { Answer } from '../../server/contract/contract.ts'
import type { Change } from '../../server/contract/overview.ts'
import type { Connection } from './stream.ts'
import { openStream } from './stream.ts'

const Live = createContext<Connection>('connecting')
export const useConnection = (): Connection => useContext(Live)

export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient()
  const [connection, setConnection] = useState<Connection>('connecting')
  useEffect(() => followChanges(client, setConnection), [client])
  return <Live value={connection}>{children}</Live>
}

/** Changes of one moment are shown together: more often than this nobody can read. */
const patchMs = 100
/** What is asked for anew is asked for at most so often. */
const askMs = 1_000

function followChanges(client: QueryClient, tell: (connection: Connection) => void): () => void {
  const waiting: Change[] = []
  let patching: ReturnType<typeof setTimeout> | undefined
  const stale = new Set<string>()
  const statuses = new Map<string, string>()
  let asking: ReturnType<typeof setTimeout> | undefined
  let wasLost = false

  const refresh = (): void => {
    asking = undefined
    const names = new Set(stale)
    stale.clear()
    void client.invalidateQueries({ predicate: ({ queryKey }) => isAmong(names, queryKey) })
  }
  const patch = (): void => {
    patching = undefined
    const change = merged(waiting.splice(0))
    patchAssets(client, change)
    patchRuns(client, change)
    for (const key of staleAfter(change)) stale.add(key)
    // One that is new, or has come to another status, may belong into any list, or no more.
    if (change.runs.some(({ run, status }) => statuses.get(run) !== status)) stale.add('runs')
    if (statuses.size > 1_000) statuses.clear()
    for (const { run, status } of change.runs) statuses.set(run, status)
    if (stale.size > 0) asking ??= setTimeout(refresh, askMs)
  }
  const close = openStream({
    connection(connection) {
      tell(connection)
      // What happened meanwhile was told to nobody.
      if (connection === 'live' && wasLost) void client.invalidateQueries()
      wasLost = connection !== 'live'
    },
    change(data) {
      waiting.push(JSON.parse(data) as Change)
      patching ??= setTimeout(patch, patchMs)
    },
  })
  return () => {
    close()
    clearTimeout(patching)
    clearTimeout(asking)
  }
}

/** Whether an answer is of an endpoint that is stale, or of a thing of which it is: `name`, or `name` and what it is about. */
function isAmong(stale: ReadonlySet<string>, [name, given]: readonly unknown[]): boolean {
  if (stale.has(String(name))) return true
  const about = given as { readonly asset?: string; readonly run?: string; readonly name?: string } | undefined
  return [about?.asset, about?.run, about?.name].some((one) => one !== undefined && stale.has(`${name}\n${one}`))
}

/** Each change says how things are: the newest of each counts. */
function merged(changes: readonly Change[]): Change {
  const last = changes.at(-1)!
  return {
    ...last,
    assets: [...new Map(changes.flatMap(({ assets }) => assets).map((pulse) => [pulse.asset, pulse])).values()],
    runs: [...new Map(changes.flatMap(({ runs }) => runs).map((run) => [run.run, run])).values()],
    automations: [...new Set(changes.flatMap(({ automations }) => automations))],
    workers: changes.some(({ workers }) => workers),
  }
}

const ofAnAsset = [
  'asset',
  'grid',
  'partitions',
  'partition',
  'materializations',
  'assetEvents',
  'checks',
  'candles',
] as const
const ofARun = ['run', 'runGrid', 'runSteps', 'runTimeline'] as const

function staleAfter({ assets, runs, automations, workers }: Change): readonly string[] {
  const names: string[] = []
  if (assets.length > 0 || runs.length > 0) names.push('overview', 'throughput')
  if (assets.length > 0) names.push('markets', 'sqlTables')
  for (const { asset } of assets) names.push(...ofAnAsset.map((name) => `${name}\n${asset}`))
  for (const { run } of runs) names.push(...ofARun.map((name) => `${name}\n${run}`))
  if (automations.length > 0) names.push('automations', 'overview')
  for (const name of automations) names.push(`automation\n${name}`, `ticks\n${name}`)
  if (workers) names.push('workers', 'system', 'overview')
  return names
}

function patchAssets(client: QueryClient, { assets }: Change): void {
  if (assets.length === 0) return
  const pulses = new Map(assets.map((pulse) => [pulse.asset, pulse]))
  client.setQueriesData<Answer<'assets'>>({ queryKey: ['assets'] }, (answer) => {
    if (!answer?.items.some(({ asset }) => pulses.has(asset))) return answer
    return {
      ...answer,
      items: answer.items.map((row) => (pulses.has(row.asset) ? { ...row, ...pulses.get(row.asset) } : row)),
    }
  })
}

type RunPages = { readonly pages: readonly Answer<'runs'>[]; readonly pageParams: readonly unknown[] }

function patchRuns(client: QueryClient, { runs }: Change): void {
  if (runs.length === 0) return
  const rows = new Map(runs.map(({ lastEvent: _, ...row }) => [row.run, row]))
  client.setQueriesData<RunPages>({ queryKey: ['runs'] }, (answer) => {
    if (!answer?.pages?.some(({ items }) => items.some(({ run }) => rows.has(run)))) return answer
    const pages = answer.pages.map((page) => ({ ...page, items: page.items.map((row) => rows.get(row.run) ?? row) }))
    return { ...answer, pages }
  })
}
