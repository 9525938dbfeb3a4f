import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { LogLine } from '#pipeline'
import { defineAsset } from '#pipeline'
import { openStepLog } from '../../../pipeline/run/step-log.ts'
import { asking, engineOf, gate, make, until } from './open-engine.ts'

const output = z.object({ n: z.number() })

/** A log whose chunks are kept, sent at once or when it is closed. */
function heardLog(flushMs = 60_000) {
  const chunks: (readonly LogLine[])[] = []
  const log = openStepLog({ clock: () => 5, flushMs, send: async (lines) => void chunks.push(lines) })
  return { log, chunks, lines: () => chunks.flat() }
}

describe('what an author says', () => {
  test('is kept in order with its level and fields', async () => {
    const engine = await engineOf([
      defineAsset({
        name: 'candles',
        output,
        run({ log }) {
          log.debug('asking', { market: 'BTC-USDT' })
          log.info('got')
          log.warn('a gap', { minutes: 3 })
          log.error('odd')
          return [{ n: 1 }]
        },
      }),
    ])
    const { id } = await make(engine)

    const events = await engine.store.events({ run: id, limit: 10 })
    const lines = events.flatMap(({ type, payload }) => (type === 'log' ? (payload.lines as unknown as LogLine[]) : []))
    expect(lines.map(({ level, message, fields }) => [level, message, fields])).toEqual([
      ['debug', 'asking', { market: 'BTC-USDT' }],
      ['info', 'got', undefined],
      ['warn', 'a gap', { minutes: 3 }],
      ['error', 'odd', undefined],
    ])
  })

  test('can be read while the step still runs', async () => {
    const { passed, open } = gate()
    const asset = defineAsset({
      name: 'candles',
      output,
      async run({ log }) {
        log.info('half of it')
        await passed
        return [{ n: 1 }]
      },
    })
    const engine = await engineOf([asset])
    const started = await engine.start(asking(engine))

    await until(async () => (await engine.store.events({ run: started.id, limit: 10 })).some((e) => e.type === 'log'))

    open()
    expect((await started.result).state.status).toBe('succeeded')
  })

  test('beyond ten thousand lines is counted', async () => {
    const { log, lines } = heardLog()

    for (let n = 0; n < 10_250; n++) log.info(`line ${n}`)
    await log.close()

    expect(lines().length).toBe(10_001)
    expect(lines().at(-1)).toEqual({
      at: 5,
      level: 'warn',
      message: '250 more lines were not kept: expected at most 10000 of one attempt; log less',
    })
  })

  test('is sent in chunks, in order, however slow the store is', async () => {
    const chunks: (readonly LogLine[])[] = []
    const { passed, open } = gate()
    const log = openStepLog({
      clock: () => 5,
      flushMs: 60_000,
      async send(lines) {
        if (chunks.length === 0) await passed
        chunks.push(lines)
      },
    })
    for (let n = 0; n < 450; n++) log.info(String(n))
    open()
    await log.close()

    expect(chunks.map(({ length }) => length)).toEqual([200, 200, 50])
    expect(chunks.flat().map(({ message }) => Number(message))).toEqual(Array.from({ length: 450 }, (_, n) => n))
  })

  const circle: Record<string, unknown> = {}
  circle.itself = circle

  test.each([
    ['a bigint', { rows: 3n }, { rows: '3' }],
    ['what is no number', { spread: Number.NaN }, { spread: 'NaN' }],
    ['an error', { cause: new TypeError('odd') }, { cause: { name: 'TypeError', message: 'odd' } }],
    ['an instant', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
  ])('may hold %s', async (_, fields, kept) => {
    const { log, lines } = heardLog()
    log.info('said', fields)
    await log.close()

    expect(lines()[0]!.fields).toEqual(kept)
  })

  test('that JSON can not hold is told, and breaks nothing', async () => {
    const { log, lines } = heardLog()
    log.info('round', circle)
    log.info('x'.repeat(9_000), { long: 'y'.repeat(9_000) })
    await log.close()

    expect(lines()[0]!.fields).toEqual({ unreadable: expect.stringContaining('circular') })
    expect(lines()[1]!.message).toMatch(/^x{8000}… and 1000 more$/)
    expect(lines()[1]!.fields).toEqual({ cut: expect.stringMatching(/… and \d+ more$/) })
  })
})
