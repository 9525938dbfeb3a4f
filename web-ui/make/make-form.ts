/** What is filled in, and what the server is asked for by it. */

import type { Answer, Given } from '../../server/contract/contract.ts'
import type { MakeAsk } from './open-make.tsx'

export type Ask = Given<'startRun'>
export type Mode = NonNullable<Ask['mode']>
export type Details = Answer<'asset'>
export type Dimension = Details['dimensionList'][number]

export interface MakeForm {
  readonly selection: string
  readonly which: 'all' | 'range' | 'keys'
  /** Both ends included; empty for the first and the last there is. */
  readonly from: string
  readonly to: string
  /** By dimension; a dimension without a choice is taken whole. */
  readonly chosen: Readonly<Record<string, readonly string[]>>
  readonly text: string
  readonly mode: Mode
  readonly isFollowed: boolean
  readonly priority: string
  readonly tags: string
  /** By asset and name, as typed; what is empty is left to its default. */
  readonly params: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export function formOf(ask: MakeAsk): MakeForm {
  const text = ask.partitions === undefined || ask.partitions === 'all' ? '' : ask.partitions
  const range = rangeOf(text)
  return {
    selection: ask.selection ?? '',
    which: text === '' ? 'all' : range ? 'range' : 'keys',
    ...{ from: '', to: '', chosen: {}, ...range },
    text,
    mode: ask.mode ?? 'needed',
    isFollowed: false,
    priority: ask.priority === undefined || ask.priority === 0 ? '' : String(ask.priority),
    tags: Object.entries(ask.tags ?? {})
      .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
      .join(', '),
    params: Object.fromEntries(
      Object.entries(ask.params ?? {}).map(([asset, values]) => [
        asset,
        Object.fromEntries(Object.entries(values).map(([name, value]) => [name, written(value)])),
      ]),
    ),
  }
}

const written = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** One span of time and keys of other dimensions, if it is written as that. */
function rangeOf(text: string): Pick<MakeForm, 'from' | 'to' | 'chosen'> | undefined {
  const [first, ...rest] = text.split(',').map((part) => part.trim())
  const span = /^(?:\w+=)?(\d{4}-\d\d[\dT:-]*)(?:\.\.(\d{4}-\d\d[\dT:-]*))?$/.exec(first ?? '')
  if (!span || rest.some((part) => !/^\w+=[^./]+$/.test(part))) return undefined
  const chosen: Record<string, string[]> = {}
  for (const part of rest) {
    const [dimension, key] = part.split('=', 2) as [string, string]
    chosen[dimension] = [...(chosen[dimension] ?? []), key]
  }
  return { from: span[1]!, to: span[2] ?? span[1]!, chosen }
}

export const isTime = (dimension: Dimension): boolean => dimension.kind === 'time'

/** Of several assets: each dimension once, as the first that is cut by it has it. */
export function dimensionsOf(assets: readonly Details[]): readonly Dimension[] {
  const byName = new Map<string, Dimension>()
  for (const dimension of assets.flatMap(({ dimensionList }) => dimensionList)) {
    if (!byName.has(dimension.name)) byName.set(dimension.name, dimension)
  }
  return [...byName.values()]
}

/** The partitions in the syntax of the command line: `date=2024-01-01..2024-01-31,market=BTC-USDT`. */
export function partitionsOf(form: MakeForm, dimensions: readonly Dimension[]): string {
  if (form.which === 'keys') return form.text.trim() || 'all'
  if (form.which === 'all') return 'all'
  const time = dimensions.find(isTime)
  const keys = dimensions
    .filter((dimension) => !isTime(dimension))
    .flatMap(({ name }) => (form.chosen[name] ?? []).map((key) => `${name}=${key}`))
  const isBounded = time && (form.from !== '' || form.to !== '')
  const span = isBounded ? [`${time.name}=${form.from || time.first}..${form.to || time.last}`] : []
  return [...span, ...keys].join(',') || 'all'
}

export function askOf(form: MakeForm, dimensions: readonly Dimension[]): Ask {
  const params = paramsOf(form)
  return {
    selection: form.isFollowed ? downstreamOf(form.selection) : form.selection.trim(),
    partitions: partitionsOf(form, dimensions),
    mode: form.mode,
    ...(form.isFollowed && { follow: true }),
    ...(Object.keys(params).length > 0 && { params }),
    ...(form.priority.trim() !== '' && Number.isFinite(Number(form.priority)) && { priority: Number(form.priority) }),
    ...(form.tags.trim() !== '' && { tags: tagsOf(form.tags) }),
  }
}

/** The selection with all that reads it. */
const downstreamOf = (selection: string): string => `${grouped(selection)}+`

/** The selection with all that it reads. */
export const upstreamOf = (selection: string): string => `+${grouped(selection)}`

const grouped = (selection: string): string =>
  /^[\w/*-]+$/.test(selection.trim()) ? selection.trim() : `(${selection.trim()})`

function tagsOf(text: string): Record<string, string> {
  const parts = text
    .split(/[,\s]+/)
    .filter((part) => part !== '')
    .map((part) => part.split(/=(.*)/s))
  return Object.fromEntries(parts.map(([name, value]) => [name!, value ?? '']))
}

function paramsOf(form: MakeForm): NonNullable<Ask['params']> {
  const said = Object.entries(form.params).map(([asset, values]) => [
    asset,
    Object.fromEntries(
      Object.entries(values)
        .filter(([, text]) => text !== '')
        .map(([name, text]) => [name, read(text)]),
    ),
  ])
  return Object.fromEntries(said.filter(([, values]) => Object.keys(values as object).length > 0))
}

/** Numbers, true, false, lists and objects as such; anything else is text. */
function read(text: string) {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
