import type { z } from 'zod'
import type { ColumnSpec } from './columns.ts'
import { columnsOf } from './columns.ts'
import { PipelineError } from './errors.ts'

/** A value that metadata may hold; kept as JSON. */
export type MetadataValue =
  | string
  | number
  | boolean
  | null
  | readonly MetadataValue[]
  | { readonly [key: string]: MetadataValue }
export type Metadata = Readonly<Record<string, MetadataValue>>

type Cell = string | number | boolean | null

/** Metadata that says how it is to be shown. Strings and numbers need not: they are text and numbers as they are. */
export type TypedMetadata =
  | { readonly '@type': 'markdown'; readonly text: string }
  | { readonly '@type': 'url'; readonly href: string; readonly label: string }
  | { readonly '@type': 'path'; readonly path: string }
  | { readonly '@type': 'timestamp'; readonly at: number }
  | { readonly '@type': 'duration'; readonly ms: number }
  | { readonly '@type': 'quantity'; readonly value: number; readonly unit: string }
  | { readonly '@type': 'json'; readonly value: MetadataValue }
  | {
      readonly '@type': 'table'
      readonly columns: readonly string[]
      readonly rows: readonly (readonly Cell[])[]
      /** Rows that there were beyond those kept. */
      readonly omitted: number
    }
  | {
      readonly '@type': 'schema'
      readonly columns: readonly {
        readonly name: string
        readonly type: string
        readonly nullable: boolean
        readonly description?: string
        readonly unit?: string
      }[]
    }
  | {
      readonly '@type': 'plot'
      readonly x: string
      readonly y: string
      readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[]
    }

/** Rows of a table beyond this are counted, not kept. */
const mostRows = 1_000
/** Characters of one value as JSON. */
const mostCharacters = 64_000

/** Makes metadata that says how it is to be shown: `metadata({ source: meta.url('https://…') })`. */
export const meta = {
  /** Text in markdown. */
  markdown: (text: string) => ({ '@type': 'markdown', text }) as const,
  /** A link. */
  url: (href: string, label = href) => ({ '@type': 'url', href, label }) as const,
  /** A path of a file or an object. */
  path: (path: string) => ({ '@type': 'path', path }) as const,
  /** An instant; a number is ms since 1970 UTC. */
  timestamp: (at: Date | number) => ({ '@type': 'timestamp', at: Number(at) }) as const,
  /** A span of time in ms. */
  duration: (ms: number) => ({ '@type': 'duration', ms }) as const,
  /** A number with its unit. */
  quantity: (value: number, unit: string) => ({ '@type': 'quantity', value, unit }) as const,
  /** Any JSON, shown as such. */
  json: (value: MetadataValue) => ({ '@type': 'json', value }) as const,
  /** Rows, at most 1,000 of them; the columns are those of the first unless they are named. */
  table(rows: readonly Readonly<Record<string, Cell>>[], columns: readonly string[] = Object.keys(rows[0] ?? {})) {
    const kept = rows.slice(0, mostRows).map((row) => columns.map((column) => row[column] ?? null))
    return { '@type': 'table', columns, rows: kept, omitted: rows.length - kept.length } as const
  },
  /** The columns of a row. Throws `column.unsupported`. */
  schema: (schema: z.ZodObject) => ({ '@type': 'schema', columns: columnsOf(schema).map(told) }) as const,
  /** Lines to be drawn; points are pairs of x and y. */
  plot: (plot: {
    readonly x: string
    readonly y: string
    readonly series: Readonly<Record<string, readonly (readonly [number, number])[]>>
  }) => {
    const series = Object.entries(plot.series).map(([name, points]) => ({ name, points }))
    return { '@type': 'plot', x: plot.x, y: plot.y, series } as const
  },
} satisfies Record<string, (...given: never[]) => TypedMetadata>

function told({ name, type, nullable, description, unit }: ColumnSpec) {
  return {
    name,
    type,
    nullable,
    ...(description !== undefined && { description }),
    ...(unit !== undefined && { unit }),
  }
}

/** The value if it says how it is to be shown. */
export function typedMetadata(value: MetadataValue): TypedMetadata | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const type = (value as { readonly '@type'?: unknown })['@type']
  return typeof type === 'string' && Object.hasOwn(meta, type) ? (value as unknown as TypedMetadata) : undefined
}

/**
 * The values, if they can be kept as JSON and be read back as they are: a program that reads them later must not find a
 * null where there was a number. Throws `metadata.malformed` of `owner`.
 */
export function checkedMetadata(owner: string, values: Metadata): Metadata {
  for (const [name, value] of Object.entries(values)) {
    const got = foreignIn(value, 0)
    const refuse = (what: string) => new PipelineError('metadata.malformed', { owner, name, got: what })
    if (got !== undefined) throw refuse(got)
    const length = JSON.stringify(value).length
    if (length > mostCharacters) throw refuse(`${length} characters of JSON`)
  }
  return values
}

/** What JSON can not hold of a value, if anything. */
function foreignIn(value: unknown, depth: number): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value)
  if (typeof value !== 'object') return `a ${typeof value}`
  if (depth > 32) return 'more than 32 levels, or a circle'
  if (!Array.isArray(value) && !isPlain(value)) return `a ${value.constructor?.name ?? 'foreign object'}`
  for (const inner of Object.values(value)) {
    const got = foreignIn(inner, depth + 1)
    if (got !== undefined) return got
  }
  return undefined
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
