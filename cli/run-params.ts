import type { MetadataValue, RunParams } from '#pipeline'
import { BadInput } from '../config.ts'

/** `['depth.levels=5']` to `{ depth: { levels: 5 } }`: JSON where it is that, text otherwise. Throws `BadInput`. */
export function paramsFrom(texts: readonly string[]): RunParams {
  const params: Record<string, Record<string, MetadataValue>> = {}
  for (const text of texts) {
    const [, asset, name, value] = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(text) ?? []
    if (asset === undefined || name === undefined || value === undefined) {
      throw new BadInput(`expected a parameter such as --param candles.depth=5 (asset, name, value), got "${text}"`)
    }
    params[asset] = { ...params[asset], [name]: jsonOrText(value) }
  }
  return params
}

function jsonOrText(text: string): MetadataValue {
  try {
    return JSON.parse(text) as MetadataValue
  } catch {
    return text
  }
}
