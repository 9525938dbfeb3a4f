import type { z } from 'zod'
import { PipelineError } from './errors.ts'

/** What a column of a table holds. `timestamp` is an integer of ms since 1970 UTC in JavaScript. */
export type ColumnType = 'string' | 'number' | 'integer' | 'boolean' | 'timestamp'

export interface ColumnSpec {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
  readonly description: string | undefined
  readonly unit: string | undefined
}

interface ColumnMeta {
  readonly column?: 'timestamp'
  readonly description?: string
  readonly unit?: string
}

const known = new WeakMap<z.ZodObject, readonly ColumnSpec[]>()

/** The columns that hold rows of `schema`, in its order. Throws `column.unsupported`. */
export function columnsOf(schema: z.ZodObject): readonly ColumnSpec[] {
  let columns = known.get(schema)
  if (!columns) {
    columns = Object.entries(schema.shape).map(([name, type]) => columnOf(name, type as z.ZodType))
    known.set(schema, columns)
  }
  return columns
}

function columnOf(name: string, outer: z.ZodType): ColumnSpec {
  let type = outer
  let nullable = false
  let meta: ColumnMeta = {}
  for (;;) {
    meta = { ...(type.meta() as ColumnMeta | undefined), ...meta }
    const { def } = type as unknown as { def: { type: string; innerType?: z.ZodType } }
    if (def.type !== 'nullable' && def.type !== 'readonly') break
    nullable ||= def.type === 'nullable'
    type = def.innerType!
  }
  return {
    name,
    type: meta.column ?? plainType(name, type),
    nullable,
    description: meta.description,
    unit: meta.unit,
  }
}

function plainType(name: string, type: z.ZodType): ColumnType {
  const { def } = type as unknown as { def: { type: string; format?: string; checks?: { _zod: { def: object } }[] } }
  switch (def.type) {
    case 'string':
    case 'enum':
    case 'literal':
      return 'string'
    case 'boolean':
      return 'boolean'
    case 'number':
      return isWhole(def) ? 'integer' : 'number'
    default:
      throw new PipelineError('column.unsupported', { column: name, type: def.type })
  }
}

// `z.int()` carries its format itself, `z.number().int()` carries it in a check.
function isWhole(def: { format?: string; checks?: { _zod: { def: object } }[] }): boolean {
  const formats = [def.format, ...(def.checks ?? []).map((check) => (check._zod.def as { format?: string }).format)]
  return formats.some((format) => format === 'safeint' || format === 'int32' || format === 'uint32')
}
