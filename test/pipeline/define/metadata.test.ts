import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { meta, typedMetadata } from '#pipeline'
import { checkedMetadata } from '../../../pipeline/define/metadata.ts'

describe('metadata that says how it is shown', () => {
  test.each([
    ['markdown', meta.markdown('**12** rows'), { text: '**12** rows' }],
    ['url', meta.url('https://example.org/x'), { href: 'https://example.org/x', label: 'https://example.org/x' }],
    ['url', meta.url('https://example.org/x', 'the request'), { href: 'https://example.org/x', label: 'the request' }],
    ['path', meta.path('raw/a.json'), { path: 'raw/a.json' }],
    ['timestamp', meta.timestamp(new Date('2024-01-01T00:00:00Z')), { at: 1_704_067_200_000 }],
    ['duration', meta.duration(1_500), { ms: 1_500 }],
    ['quantity', meta.quantity(12.5, 'bps'), { value: 12.5, unit: 'bps' }],
    ['json', meta.json({ a: [1, null] }), { value: { a: [1, null] } }],
    [
      'table',
      meta.table([{ market: 'BTC-USDT', gaps: 2 }, { market: 'ETH-USDT' }]),
      {
        columns: ['market', 'gaps'],
        rows: [
          ['BTC-USDT', 2],
          ['ETH-USDT', null],
        ],
        omitted: 0,
      },
    ],
    [
      'schema',
      meta.schema(z.object({ price: z.number().nullable().meta({ unit: 'quote' }) })),
      { columns: [{ name: 'price', type: 'number', nullable: true, unit: 'quote' }] },
    ],
    [
      'plot',
      meta.plot({ x: 'day', y: 'rows', series: { made: [[1, 2]] } }),
      { x: 'day', y: 'rows', series: [{ name: 'made', points: [[1, 2]] }] },
    ],
  ] as const)('%s is plain JSON with its type', (type, value, rest) => {
    expect(value).toEqual({ '@type': type, ...rest })
    expect(typedMetadata(JSON.parse(JSON.stringify(value)))).toEqual(value)
    expect(checkedMetadata('a', { value })).toEqual({ value })
  })

  test('a table keeps a thousand rows and says how many there were', () => {
    const table = meta.table(Array.from({ length: 1_204 }, (_, n) => ({ n })))

    expect([table.rows.length, table.omitted]).toEqual([1_000, 204])
  })

  test.each([['text'], [12], [null], [{ '@type': 'unheard-of' }], [{ '@type': 'toString' }], [['@type']]])(
    '%j is shown as it is',
    (value) => {
      expect(typedMetadata(value)).toBeUndefined()
    },
  )
})

describe('metadata that could not be read back is refused where it is said', () => {
  const circle: Record<string, unknown> = {}
  circle.itself = circle

  test.each([
    ['NaN', Number.NaN],
    ['Infinity', { deep: [Number.POSITIVE_INFINITY] }],
    ['a bigint', 1n],
    ['a undefined', undefined],
    ['a function', () => 1],
    ['a Date', new Date(0)],
    ['a Map', { rows: new Map() }],
    ['more than 32 levels, or a circle', circle],
    ['64003 characters of JSON', 'x'.repeat(64_001)],
  ])('%s', (got, value) => {
    expect(() => checkedMetadata('candles', { spread: value as never })).toThrow(
      `metadata "spread" of "candles" can not be kept: expected JSON of at most 64,000 characters, got ${got}; turn it into text or numbers`,
    )
  })
})
