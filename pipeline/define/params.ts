import type { z } from 'zod'
import type { AnyAsset } from './asset.ts'
import { PipelineError } from './errors.ts'
import type { Metadata } from './metadata.ts'
import { nearest } from './nearest.ts'

/** By asset: what a run is given for its parameters, as JSON. */
export type RunParams = Readonly<Record<string, Metadata>>

/** What the assets of a job may be given. */
export type ParamsOf<A extends readonly AnyAsset[]> = {
  readonly [One in A[number] as One['name']]?: GivenParams<One>
}

/** What one asset may be given. */
export type GivenParams<A extends AnyAsset> = z.input<NonNullable<A['params']>>

/**
 * What one asset is run with: as given, defaults filled in. Throws `params.invalid`, also for a name that the asset does
 * not know.
 */
export function paramsOf(asset: AnyAsset, params: RunParams = {}): Readonly<Record<string, unknown>> {
  const schema = asset.params as z.ZodObject | undefined
  const given = params[asset.name]
  if (!schema) {
    if (given === undefined) return {}
    throw new PipelineError('params.unexpected', { asset: asset.name, why: 'it declares none; give it "params"' })
  }
  const known = Object.keys(schema.shape)
  for (const name of Object.keys(given ?? {})) {
    if (known.includes(name)) continue
    const near = nearest(name, known)
    const issue = `"${name}" is none of them (${known.join(', ')})${near === undefined ? '' : `; did you mean "${near}"?`}`
    throw new PipelineError('params.invalid', { asset: asset.name, issue })
  }
  const parsed = schema.safeParse(given ?? {})
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues.map(({ path, message }) => `"${path.join('.')}": ${message}`).join('; ')
  throw new PipelineError('params.invalid', { asset: asset.name, issue })
}

/** Refuses what could not be run with: `params.unexpected` of an asset that is not among `assets`, and as `paramsOf` does. */
export function refuseParams(assets: readonly AnyAsset[], params: RunParams = {}): void {
  for (const name of Object.keys(params)) {
    if (assets.some((asset) => asset.name === name)) continue
    const near = nearest(
      name,
      assets.map((asset) => asset.name),
    )
    const why = `it is not selected${near === undefined ? '' : `; did you mean "${near}"?`}`
    throw new PipelineError('params.unexpected', { asset: name, why })
  }
  for (const asset of assets) paramsOf(asset, params)
}

/** What several say of the parameters of a run; for each one the last word counts. */
export function mergedParams(said: readonly (RunParams | undefined)[]): RunParams | undefined {
  const merged: Record<string, Metadata> = {}
  for (const params of said) {
    for (const [asset, values] of Object.entries(params ?? {})) merged[asset] = { ...merged[asset], ...values }
  }
  return Object.keys(merged).length > 0 ? merged : undefined
}
