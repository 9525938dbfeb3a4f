import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAsset, defineJob, definitions, memoryIo, provide, selectAssets } from '#pipeline'

const output = z.strictObject({ n: z.int() })
const bronze = defineAsset({ name: 'bronze', layer: 'bronze', output, run: () => [] })
const other = defineAsset({ name: 'other', layer: 'bronze', output, run: () => [] })
const silver = defineAsset({ name: 'silver', layer: 'silver', deps: { bronze }, output, run: () => [] })
const gold = defineAsset({ name: 'gold', layer: 'gold', deps: { silver, other }, output, run: () => [] })
const all = definitions({
  assets: [gold, other, silver, bronze],
  jobs: [defineJob({ name: 'nightly', assets: [gold, silver] })],
  resources: {},
  io: provide(memoryIo),
})

test.each([
  ['silver', ['silver']],
  ['+silver', ['bronze', 'silver']],
  ['silver+', ['silver', 'gold']],
  ['+silver+', ['bronze', 'silver', 'gold']],
  ['+gold', ['bronze', 'silver', 'other', 'gold']],
  ['layer:bronze', ['bronze', 'other']],
  ['job:nightly', ['silver', 'gold']],
  ['other, silver', ['silver', 'other']],
  ['*', ['bronze', 'silver', 'other', 'gold']],
])('"%s" selects, upstream before downstream', (selection, names) => {
  expect(selectAssets(all, selection).map(({ name }) => name)).toEqual(names)
})

test.each([
  ['sliver', 'no asset is named "sliver"; did you mean "silver"?'],
  ['job:daily', 'no job is named "daily"'],
  ['layer:platinum', 'selection "layer:platinum" is empty: no asset matches it'],
  ['layer:gold - gold', 'selection "layer:gold - gold" is empty'],
])('"%s" is refused', (selection, message) => {
  expect(() => selectAssets(all, selection)).toThrow(message)
})
