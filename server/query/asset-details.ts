import { z } from 'zod'
import type { AnyAsset, AnySchedule, AnySensor, Axis, ColumnSpec, Definitions, Engine, TimeDimension } from '#pipeline'
import { assetNamed, columnsOf, depsOf, downstreamOf, spaceOf } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'
import { assetRow } from './asset-rows.ts'
import { freshnessInWords, kindOf, mappingInWords, retentionInWords, retryInWords } from './asset-words.ts'
import { pulses } from './pulse.ts'

type Details = Answer<'asset'>

const mostKeys = 1_000

/** All that is declared of an asset, and how it is doing. */
export async function assetDetails(engine: Engine, ask: Asked<'asset'>): Promise<Details> {
  const { definitions } = engine
  const asset = assetNamed(definitions, ask.asset)
  const now = engine.clock()
  const [pulse, keys] = await Promise.all([pulses(engine).of(asset.name), engine.keys(now)])
  const { axes } = spaceOf(asset.partitions, { now: new Date(now), keys })
  return {
    ...assetRow(asset, pulse),
    dimensionList: axes.map((axis) => dimensionOf(asset, axis)),
    columns: columnsOf(asset.output).map((column) => columnOf(asset, column)),
    reads: depsOf(asset).map(([input, dependency]) => ({
      ...{ input, asset: dependency.name },
      mapping: mappingInWords(dependency, assetNamed(definitions, dependency.name)),
    })),
    readBy: [...downstreamOf(definitions, [asset.name], 1)],
    checks: Object.keys(asset.checks),
    resources: Object.keys(asset.resources),
    codeVersion: asset.codeVersion,
    pool: asset.pool ?? null,
    priority: asset.priority,
    timeout: asset.timeout,
    retry: retryInWords(asset),
    freshnessRule: asset.freshness ? freshnessInWords(asset.freshness) : null,
    retain: retentionInWords(asset.retain ?? definitions.retain),
    isIsolated: asset.isolate !== undefined,
    range: asset.range?.over ?? null,
    params: paramsOf(asset),
    schedules: makersOf(definitions, asset),
    viewSql: `select * from ${asset.name} limit 100`,
  }
}

function dimensionOf(asset: AnyAsset, { name, dimension, count }: Axis): Details['dimensionList'][number] {
  const declared = asset.partitions[name]
  const kind = kindOf(declared)
  const text = (index: number): string => dimension.encode(dimension.at(index))
  const time = kind === 'time' ? (declared as TimeDimension) : undefined
  const shown = kind === 'time' ? null : Array.from({ length: Math.min(count, mostKeys) }, (_, at) => dimension.at(at))
  return {
    ...{ name, kind, count },
    first: count > 0 ? text(0) : null,
    last: count > 0 ? text(count - 1) : null,
    unit: time ? (time.unit === 'custom' ? 'other' : time.unit) : null,
    timezone: time?.timezone ?? null,
    keys: shown as readonly string[] | null as string[] | null,
    dynamic: declared.dynamic ?? null,
  }
}

const columnOf = (asset: AnyAsset, { name, type, nullable, description, unit }: ColumnSpec) => ({
  ...{ name, type, nullable },
  description: description ?? null,
  unit: unit ?? null,
  isKey: asset.key.includes(name),
})

interface ParamSchema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly ParamSchema[]
  readonly format?: string
  readonly default?: z.core.util.JSONType
  readonly description?: string
}

/** What a run may be given, as JSON Schema tells it. */
function paramsOf({ params }: AnyAsset): Details['params'] {
  if (!params) return []
  const schema = z.toJSONSchema(params as z.ZodObject, { io: 'input', unrepresentable: 'any' })
  const required = new Set(schema.required)
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const one = property as ParamSchema
    return {
      ...{ name, type: typeInWords(one), isRequired: required.has(name) },
      default: one.default ?? null,
      description: one.description ?? null,
    }
  })
}

function typeInWords({ type, enum: values, const: only, anyOf, format }: ParamSchema): string {
  if (values) return `one of ${values.map(String).join(', ')}`
  if (only !== undefined) return String(only)
  if (anyOf) return anyOf.map(typeInWords).join(' or ')
  if (type === undefined) return 'any'
  return format === undefined ? [type].flat().join(' or ') : `${[type].flat().join(' or ')} (${format})`
}

/** The schedules and sensors whose job makes an asset, and the one that looks at it. */
function makersOf({ schedules, sensors }: Definitions, { name, external }: AnyAsset): string[] {
  const all: readonly (AnySchedule | AnySensor)[] = [...schedules.values(), ...sensors.values()]
  const isMaker = (one: AnySchedule | AnySensor) =>
    (one.job.assets as readonly AnyAsset[]).some((asset) => asset.name === name) ||
    (external === true && one.name === `observe_${name}`)
  return all.filter(isMaker).map((one) => one.name)
}
