import { z } from 'zod'
import type { AnyAsset, Definitions, Selection } from '#pipeline'
import { defineAsset, downstreamOf, evaluateSelection, isPipelineError, parseSelection, upstreamOf } from '#pipeline'
import type { Adapter, Case, Compared } from '../case.ts'
import { selectionOf, withOurNames } from '../selection-of.ts'

/** Which assets of a graph a selection stands for. */
export const run: Adapter = (theirs, file) => {
  const one = new Proxy(theirs, { get: (of, field) => withOurNames(of[field as string]) })
  if (one.clause !== undefined) return [{ what: 'clause', expected: one.expected, got: clauseRead(one.clause) }]
  const graph = graphOf(withOurNames(file.graphs[one.graph].assets))
  const expected = one.expected && [...one.expected].sort()
  if (one.traverse) return [{ what: 'reached', expected, got: reached(graph, one.traverse) }]
  const compared: Compared[] = []
  const compare = (what: string, read: () => Selection) => {
    compared.push({ what, expected: one.expectedError ?? expected, got: selected(graph, one, read) })
  }
  if (one.selection) compare('selection', () => selectionOf(one.selection))
  if (one.dsl) compare('text', () => parseSelection(one.dsl))
  if (one.clauses) compare('clauses', () => parseSelection(one.clauses.map(clauseOf).join(', ')))
  return compared
}

type Graph = Pick<Definitions, 'assets' | 'jobs'>

interface TheirAsset {
  readonly key: string
  readonly group?: string
  readonly deps?: readonly string[]
  readonly source?: boolean
}

function graphOf(theirs: readonly TheirAsset[]): Graph {
  const assets = new Map<string, AnyAsset>()
  for (const { key, group, deps = [], source = false } of theirs) {
    const bare: AnyAsset = defineAsset({ name: key, output, run: () => [], ...(group === undefined ? {} : { group }) })
    const asset = { ...bare, external: source, deps: Object.fromEntries(deps.map((name) => [name, { name }])) }
    assets.set(key, asset)
  }
  return { assets, jobs: new Map() }
}
const output = z.strictObject({ n: z.int() })

function selected(graph: Graph, one: Case, read: () => Selection): readonly string[] | string {
  try {
    // They say of a selection whether sources count; ours is asked once for the whole.
    const external = JSON.stringify(one.selection ?? {}).includes('"includeSources":true')
    return [...evaluateSelection(graph, read(), { external })].sort()
  } catch (error) {
    const isRefused = isPipelineError(error, 'asset.unknown') || isPipelineError(error, 'selection.malformed')
    if (isRefused) return 'nothingSelected'
    throw error
  }
}

function reached(graph: Graph, how: Case['traverse']): readonly string[] {
  const walk = how.direction === 'upstream' ? upstreamOf : downstreamOf
  const names = new Set(walk(graph, [how.from], how.depth ?? Infinity))
  if (how.includeSelf) names.add(how.from)
  return [...names].sort()
}

/** A clause of the older language, where `*` goes all the way and each `+` one step. */
function clauseOf(clause: string): string {
  const [, up = '', name, down = ''] = /^(\*|\+*)(\w+)(\*|\+*)$/.exec(clause) ?? []
  if (name === undefined) return clause
  return `${up === '*' ? '+' : up && `${up.length}+`}${name}${down === '*' ? '+' : down && `+${down.length}`}`
}

function clauseRead(clause: string) {
  const read = parseSelection(clauseOf(clause))
  const { up = 0, down = 0, of: named } = read.is === 'traverse' ? read : { of: read }
  if (named.is !== 'key') return null
  return { up: up === 'all' ? 'max' : up, name: named.value, down: down === 'all' ? 'max' : down }
}
