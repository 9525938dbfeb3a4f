import { isDeepStrictEqual } from 'node:util'
import type { Selection } from '#pipeline'

type Theirs = Readonly<Record<string, any>>

/** A selection in the vocabulary of the case tables as one of ours. */
export function selectionOf(theirs: Theirs): Selection {
  const whole = wholeOf(theirs)
  return theirs.includeSelf === false && whole.is === 'traverse' ? { is: 'minus', of: whole, without: whole.of } : whole
}

function wholeOf(theirs: Theirs): Selection {
  if (theirs.all) return { is: 'all' }
  if (theirs.keys) return anyOf(theirs.keys.map((value: string) => ({ is: 'key', value })))
  if (theirs.keyPrefixes) return anyOf(theirs.keyPrefixes.map(withPrefix))
  if (theirs.keySubstring !== undefined) return { is: 'key_substring', value: theirs.keySubstring }
  if (theirs.groups) return anyOf(theirs.groups.map((value: string) => ({ is: 'group', value })))
  if (theirs.tag) return { is: 'tag', key: theirs.tag[0], value: theirs.tag[1] }
  if (theirs.owner !== undefined) return { is: 'owner', value: theirs.owner }
  if (theirs.kind !== undefined) return { is: 'kind', value: theirs.kind }
  if (theirs.column !== undefined) return { is: 'column', value: theirs.column }
  if (theirs.job !== undefined) return { is: 'job', value: theirs.job }
  if (theirs.and) return { is: 'and', of: theirs.and.map(selectionOf) }
  if (theirs.or) return around(theirs.or.map(selectionOf)) ?? { is: 'or', of: theirs.or.map(selectionOf) }
  if (theirs.not) return { is: 'minus', of: { is: 'all' }, without: selectionOf(theirs.not) }
  if (theirs.subtract) {
    return { is: 'minus', of: selectionOf(theirs.subtract[0]), without: selectionOf(theirs.subtract[1]) }
  }
  if (theirs.upstream) return { is: 'traverse', of: selectionOf(theirs.upstream), up: theirs.depth ?? 'all' }
  if (theirs.downstream) return { is: 'traverse', of: selectionOf(theirs.downstream), down: theirs.depth ?? 'all' }
  if (theirs.roots ?? theirs.sources) return { is: 'roots', of: selectionOf(theirs.roots ?? theirs.sources) }
  if (theirs.sinks) return { is: 'sinks', of: selectionOf(theirs.sinks) }
  if (theirs.upstreamSources) return { is: 'externals', of: selectionOf(theirs.upstreamSources) }
  // One function makes one asset, so an asset has no neighbours that must be made with it.
  if (theirs.requiredNeighbors) return selectionOf(theirs.requiredNeighbors)
  throw new Error(`no selection of ours stands for ${JSON.stringify(theirs)}`)
}

function anyOf(members: readonly Selection[]): Selection {
  if (members.length === 0) return { is: 'minus', of: { is: 'all' }, without: { is: 'all' } }
  return members.length === 1 ? members[0]! : { is: 'or', of: members }
}

const withPrefix = (prefix: string | readonly string[]): Selection => ({
  is: 'key',
  value: `${[prefix].flat().join('__')}__*`,
})

/** They write `+a+` as a union of two traversals of `a`; ours is one of both directions. */
function around(members: readonly Selection[]): Selection | undefined {
  const up = members.find((member) => member.is === 'traverse' && member.up !== undefined)
  const down = members.find((member) => member.is === 'traverse' && member.down !== undefined)
  if (members.length !== 2 || up?.is !== 'traverse' || down?.is !== 'traverse') return undefined
  return isDeepStrictEqual(up.of, down.of) ? { is: 'traverse', of: up.of, up: up.up!, down: down.down! } : undefined
}

/** Our names are identifiers, so a path of theirs is joined by `__`. */
export function withOurNames<T>(theirs: T): T {
  return theirs === undefined ? theirs : JSON.parse(JSON.stringify(theirs).replaceAll('/', '__'))
}
