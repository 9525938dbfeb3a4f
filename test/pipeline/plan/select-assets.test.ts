import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { AnyAsset } from '#pipeline'
import {
  defineAsset,
  defineJob,
  definitions,
  evaluateSelection,
  memoryIo,
  parseSelection,
  provide,
  selectAssets,
  upstreamOf,
} from '#pipeline'

const output = z.strictObject({ n: z.int() })
const priced = z.strictObject({ price: z.number(), n: z.int() })
const bare = { output, run: () => [] }

// fx (made elsewhere)   bronze_trades   bronze_books
//       └──────┬──────────────┤              │
//         silver_trades       │        silver_books
//              ├──────────────│──────────────┤
//          gold_candles       │         gold_spread
//              └──── report ──┘
const fx = Object.assign(defineAsset({ name: 'fx', group: 'rates', owners: ['ops@b.c'], ...bare }), { external: true })
const bronzeTrades = defineAsset({
  name: 'bronze_trades',
  layer: 'bronze',
  ...bare,
  output: priced,
  owners: ['ann@b.c'],
  kinds: ['parquet', 'ccxt'],
  tags: { cost: 'high', nightly: '' },
})
const bronzeBooks = defineAsset({ name: 'bronze_books', layer: 'bronze', ...bare, kinds: ['parquet'] })
const silverTrades = defineAsset({
  name: 'silver_trades',
  layer: 'silver',
  group: 'trades',
  deps: { bronzeTrades, fx },
  ...bare,
  output: priced,
  tags: { cost: 'low' },
})
const silverBooks = defineAsset({ name: 'silver_books', layer: 'silver', deps: { bronzeBooks }, ...bare })
const goldCandles = defineAsset({
  name: 'gold_candles',
  layer: 'gold',
  deps: { silverTrades },
  ...bare,
  owners: ['ann@b.c', 'bob@b.c'],
  tags: { cost: 'high' },
})
const goldSpread = defineAsset({ name: 'gold_spread', layer: 'gold', deps: { silverTrades, silverBooks }, ...bare })
const report = defineAsset({ name: 'report', deps: { goldCandles, bronzeTrades }, ...bare, kinds: ['markdown'] })
const owner = defineAsset({ name: 'owner', ...bare })

const all = definitions({
  assets: [report, goldSpread, goldCandles, silverBooks, silverTrades, bronzeBooks, bronzeTrades, fx, owner],
  jobs: [
    defineJob({ name: 'nightly', assets: [goldCandles, silverTrades] }),
    defineJob({ name: 'night-books', assets: [bronzeBooks] }),
  ],
  resources: {},
  io: provide(memoryIo),
})

const short: Readonly<Record<string, string>> = {
  ...{ fx: 'fx', bt: 'bronze_trades', bb: 'bronze_books', st: 'silver_trades', sb: 'silver_books' },
  ...{ gc: 'gold_candles', gs: 'gold_spread', r: 'report', o: 'owner' },
}
const everything = 'bt bb st sb gc gs r o'

describe('a selection', () => {
  test.each([
    ['report', 'r'],
    ['key:report', 'r'],
    ['key:"report"', 'r'],
    ['key:owner', 'o'],
    ['*', everything],
    ['(*)', everything],
    ['key:"*"', everything],
    ['bronze_*', 'bt bb'],
    ['key:bronze_*', 'bt bb'],
    ['key:"*_trades"', 'bt st'],
    ['*l*r_*s', 'st sb'],
    ['key_substring:rad', 'bt st'],
    ['key_substring:"_"', 'bt bb st sb gc gs'],
    ['layer:bronze', 'bt bb'],
    ['layer:"gold"', 'gc gs'],
    ['layer:"*"', 'bt bb st sb gc gs'],
    ['not layer:"*"', 'r o'],
    ['group:silver', 'sb'],
    ['group:trades', 'st'],
    ['group:default', 'r o'],
    ['tag:cost=high', 'bt gc'],
    ['tag:cost="*"', 'bt st gc'],
    ['tag:"c*"=low', 'st'],
    ['tag:nightly', 'bt'],
    ['tag:nightly=""', 'bt'],
    ['owner:"ann@b.c"', 'bt gc'],
    ['owner:"*@b.c"', 'bt gc'],
    ['not owner:"*"', 'bb st sb gs r o'],
    ['kind:parquet', 'bt bb'],
    ['kind:markdown', 'r'],
    ['job:nightly', 'st gc'],
    ['job:night-books', 'bb'],
    ['job:"night*"', 'bb st gc'],
    ['column:price', 'bt st'],
    ['+gold_candles', 'bt st gc'],
    ['1+gold_candles', 'st gc'],
    ['2+gold_candles', 'bt st gc'],
    ['++gold_candles', 'bt st gc'],
    ['0+gold_candles', 'gc'],
    ['1+report', 'bt gc r'],
    ['bronze_books+', 'bb sb gs'],
    ['bronze_books+1', 'bb sb'],
    ['bronze_trades+1', 'bt st r'],
    ['bronze_books++', 'bb sb gs'],
    ['+silver_books+', 'bb sb gs'],
    ['1+silver_trades+1', 'bt st gc gs'],
    ['+(gold_candles or gold_spread)', 'bt bb st sb gc gs'],
    ['(layer:bronze)+1', 'bt bb st sb r'],
    ['sinks(*)+', 'gs r o'],
    ['+roots(layer:gold)', 'bt bb st sb gc gs'],
    ['(+silver_books)+1', 'bb sb gs'],
    ['sinks(*)', 'gs r o'],
    ['sinks(layer:silver or report)', 'sb r'],
    ['roots(*)', 'bt bb o'],
    ['roots(bronze_trades or gold_candles)', 'bt'],
    ['roots(layer:gold)', 'gc gs'],
    ['report or fx', 'fx r'],
    ['report, gold_spread', 'gs r'],
    ['report,gold_spread , bronze_books or bronze_books', 'bb gs r'],
    ['layer:gold AND tag:cost=high', 'gc'],
    ['layer:gold and not gold_spread', 'gc'],
    ['layer:gold - gold_spread', 'gc'],
    ['* - +report - key:owner', 'bb sb gs'],
    ['layer:gold Or layer:silver aNd column:price', 'st gc gs'],
    ['(layer:gold or layer:silver) and column:price', 'st'],
    ['not layer:gold and column:n and kind:parquet', 'bt bb'],
    ['not (layer:gold or layer:bronze)', 'st sb r o'],
    ['NOT not report', 'r'],
    ['+report and bronze_*, layer:silver - silver_books', 'bt st'],
    [' \n report \t', 'r'],
  ])('"%s" is %s', (selection, names) => {
    const expected = names.split(' ').map((name) => short[name])

    expect(new Set(selectAssets(all, selection).map(({ name }) => name))).toEqual(new Set(expected))
  })

  test('comes upstream before downstream', () => {
    expect(selectAssets(all, 'report, silver_trades, bronze_trades').map(({ name }) => name)).toEqual([
      'bronze_trades',
      'silver_trades',
      'report',
    ])
  })

  test.each([
    ['sliver_trades', 'no asset is named "sliver_trades"; did you mean "silver_trades"?'],
    ['* - key:reprot', 'no asset is named "reprot"; did you mean "report"?'],
    ['job:nihgtly', 'no job is named "nihgtly"; did you mean "nightly"?'],
    ['layer:platinum', 'selection "layer:platinum" is empty: no asset matches it'],
    ['layer:gold - layer:gold', 'selection "layer:gold - layer:gold" is empty'],
    ['zinc_*', 'selection "zinc_*" is empty'],
    ['tag:cost', 'selection "tag:cost" is empty'],
  ])('"%s" is refused', (selection, message) => {
    expect(() => selectAssets(all, selection)).toThrow(message)
  })
})

describe('an external asset', () => {
  test.each([
    ['fx', ['fx']],
    ['key:"fx"', ['fx']],
    ['+fx', ['fx']],
    ['fx+1', ['fx', 'silver_trades']],
    ['externals(gold_candles)', ['fx']],
    ['externals(*)', ['fx']],
    ['externals(silver_books)', []],
    ['f*', []],
    ['key_substring:fx', []],
    ['group:rates', []],
    ['owner:"ops@b.c"', []],
  ])('"%s" selects %j', (selection, names) => {
    expect([...evaluateSelection(all, parseSelection(selection))]).toEqual(names)
  })

  test.each(['f*', 'key_substring:fx', 'group:rates', 'owner:"ops@b.c"', '* - report', 'not report'])(
    '"%s" selects it where external assets are asked for',
    (selection) => {
      expect(evaluateSelection(all, parseSelection(selection), { external: true })).toContain('fx')
    },
  )

  test('is not selected by reading from it, even if external assets are asked for', () => {
    expect(evaluateSelection(all, parseSelection('+gold_candles'), { external: true })).not.toContain('fx')
  })
})

test('an asset that reads its own past is its own root and sink, and has nothing upstream', () => {
  const asset: AnyAsset = owner
  const self = { ...asset, deps: { owner } }
  const alone = { assets: new Map([['owner', self]]), jobs: all.jobs }
  const names = (text: string) => [...evaluateSelection(alone, parseSelection(text))]

  expect(['roots(*)', 'sinks(*)', '+key:owner+', '+key:owner - key:owner'].map(names)).toEqual([
    ['owner'],
    ['owner'],
    ['owner'],
    [],
  ])
})

test('nothing is upstream of a name that no asset has', () => {
  expect(upstreamOf(all, ['nobody'])).toEqual(new Set())
})
