import type { LineageEdge, LineageNode } from '#pipeline'
import { assetNamed, lineage as lineageOf } from '#pipeline'
import { BadInput } from '../config.ts'
import type { GlobalOptions } from './context.ts'
import { openReader } from './context.ts'
import { shownMetadata } from './metadata.ts'
import { onePartition } from './one-partition.ts'
import { count, counted, instant, print, printJson, styled } from './terminal.ts'

/** Metadata is shown up to so many characters; `--json` has all of it. */
const mostMetadata = 160

/** `bullion lineage`: what a partition was made from, or what was made from it, as a tree. */
export async function lineage(
  name: string,
  partition: string | undefined,
  options: GlobalOptions & { readonly down?: boolean; readonly depth?: string },
): Promise<void> {
  const depth = options.depth === undefined ? undefined : Number(options.depth)
  if (depth !== undefined && !(Number.isInteger(depth) && depth >= 0)) {
    throw new BadInput(`expected --depth to be a whole number, got "${options.depth}"`)
  }
  const context = await openReader(options)
  try {
    const key = await onePartition(context, assetNamed(context.definitions, name), partition)
    const direction = options.down ? 'down' : 'up'
    const root = await lineageOf(context, name, key, { direction, ...(depth !== undefined && { depth }) })
    if (options.json) return printJson(root)
    for (const line of linesOf(root, direction === 'up')) print(line)
  } finally {
    await context.close()
  }
}

function linesOf(node: LineageNode, isUp: boolean, as?: string, above?: LineageNode): readonly string[] {
  return [described(node, as, above), ...metadataOf(node, isUp), ...branches(node, isUp)]
}

function branches(parent: LineageNode, isUp: boolean): readonly string[] {
  const below = parent.edges.flatMap((edge) => [
    ...edge.nodes.map((node) => linesOf(node, isUp, edge.input, parent)),
    ...(edge.more === 0 ? [] : [[styled('dim', restOf(edge))]]),
  ])
  return below.flatMap(([first, ...rest], at) => {
    const isLast = at === below.length - 1
    const indent = styled('dim', isLast ? '   ' : '│  ')
    return [`${styled('dim', isLast ? '└─' : '├─')} ${first}`, ...rest.map((line) => `${indent}${line}`)]
  })
}

function restOf({ input, nodes, more }: LineageEdge): string {
  if (more < 0) return `${input}: made before it was written down what was read`
  return nodes.length > 0 ? `… and ${count(more)} more as ${input}` : `… ${count(more)} as ${input}`
}

/** The run is named where it is another than that of the line above. */
function described(node: LineageNode, as: string | undefined, above: LineageNode | undefined): string {
  const run = node.run !== above?.run && node.run !== '' ? [`run ${node.run}`] : []
  const facts = [instant(node.at), counted(node.rows, 'row'), ...run].join(', ')
  return [
    `${styled('bold', node.asset)} ${node.key}`.trimEnd(),
    ...(as === undefined ? [] : [styled('dim', `as ${as}`)]),
    styled('dim', node.isRepeated ? '(shown elsewhere)' : facts),
    ...(node.status === 'superseded' ? [styled('yellow', 'not published any more')] : []),
    ...(node.status === 'removed' ? [styled('red', 'its file was given up')] : []),
    ...(node.isStale ? [styled('yellow', 'stale: it read other rows')] : []),
  ].join('  ')
}

/** What a source said about itself: the request it came from, how often it was asked. */
function metadataOf({ edges, isRepeated, metadata }: LineageNode, isUp: boolean): readonly string[] {
  if (!isUp || isRepeated || edges.length > 0 || Object.keys(metadata).length === 0) return []
  const text = Object.entries(metadata)
    .map(([name, value]) =>
      shownMetadata({ [name]: value })
        .join(' ')
        .replace(/\s+/g, ' '),
    )
    .join(', ')
  return [styled('dim', `   ${text.length > mostMetadata ? `${text.slice(0, mostMetadata)}…` : text}`)]
}
