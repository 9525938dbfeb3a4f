import { expect, test } from 'vitest'
import { z } from 'zod'
import { completeSelection, defineAsset, defineJob } from '#pipeline'

const output = z.strictObject({ price: z.number() })
const trades = defineAsset({
  name: 'bronze_trades',
  layer: 'bronze',
  owners: ['ann@b.c'],
  tags: { cost: 'high', nightly: '' },
  output,
  run: () => [],
})
const candles = defineAsset({ name: 'gold_candles', layer: 'gold', deps: { trades }, output, run: () => [] })
const all = {
  assets: new Map([trades, candles].map((asset) => [asset.name, asset] as const)),
  jobs: new Map([['nightly', defineJob({ name: 'nightly', assets: [candles] })]]),
}

// The cursor is at "|".
test.each([
  ['bro|', 0, 3, ['bronze_trades']],
  ['trad|', 0, 4, ['bronze_trades']],
  ['+gol|', 1, 4, ['gold_candles']],
  ['ow|ner', 0, 5, ['owner:']],
  ['layer:|', 6, 6, ['bronze', 'gold']],
  ['layer:go|ld and x', 6, 10, ['gold']],
  ['layer:"go|ld" and x', 6, 12, ['gold']],
  ['owner:|', 6, 6, ['"ann@b.c"']],
  ['owner:"an|', 6, 9, ['"ann@b.c"']],
  ['tag:|', 4, 4, ['cost=high', 'nightly']],
  ['tag:cost=h|', 4, 10, ['cost=high']],
  ['column:p|', 7, 8, ['price']],
  ['job:n|', 4, 5, ['nightly']],
  ['lyer:g|', 5, 6, []],
  ['gold_candles |', 13, 13, ['and', 'or', '-']],
  ['gold_candles+2 o|', 15, 16, ['or']],
  ['(layer:gold) a|', 13, 14, ['and']],
  ['gold_candles and sink|', 17, 21, ['sinks(']],
  ['not gold|', 4, 8, ['gold_candles']],
])('"%s" is completed', (text, from, to, options) => {
  const cursor = text.indexOf('|')

  expect(completeSelection(all, text.replace('|', ''), cursor)).toEqual({ from, to, options })
})

test('an empty text offers names first, then attributes, functions, "not" and "*"', () => {
  const { options } = completeSelection(all, '', 0)

  expect(options.slice(0, 3)).toEqual(['bronze_trades', 'gold_candles', 'key:'])
  expect(options).toEqual(expect.arrayContaining(['tag:', 'sinks(', 'not', '*']))
})
