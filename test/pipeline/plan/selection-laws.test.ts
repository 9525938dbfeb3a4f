import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { AnyAsset, Selection } from '#pipeline'
import { defineAsset, evaluateSelection } from '#pipeline'
import { selections } from './selections.ts'

const output = z.strictObject({ n: z.int() })

describe('in any graph', () => {
  const graph = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 }).map((rows) => {
    const assets: AnyAsset[] = []
    for (const [index, reads] of rows.entries()) {
      const deps = Object.fromEntries(
        reads.filter(() => index > 0).map((at) => [`d${at % index}`, assets[at % index]!]),
      )
      assets.push(defineAsset({ name: `a${index}`, layer: 'gold', output, run: () => [], deps }))
    }
    return { assets: new Map(assets.map((asset) => [asset.name, asset])), jobs: new Map() }
  })
  const cases = graph.chain((on) => {
    const leaf = fc.constantFrom<Selection>(...[...on.assets.keys()].map((value) => ({ is: 'key' as const, value })))
    return fc.tuple(fc.constant(on), selections(leaf), selections(leaf))
  })
  const holds = (law: (of: (selection: Selection) => readonly string[], a: Selection, b: Selection) => void) =>
    fc.assert(fc.property(cases, ([on, a, b]) => law((one) => [...evaluateSelection(on, one)].sort(), a, b)))
  const not = (without: Selection): Selection => ({ is: 'minus', of: { is: 'all' }, without })
  const and = (...of: readonly Selection[]): Selection => ({ is: 'and', of })
  const or = (...of: readonly Selection[]): Selection => ({ is: 'or', of })

  test('"not" turns "or" into "and"', () => {
    holds((of, a, b) => {
      expect(of(not(or(a, b)))).toEqual(of(and(not(a), not(b))))
    })
  })

  test('"a - b" is "a and not b", and with "a and b" it is a', () => {
    holds((of, a, b) => {
      const minus: Selection = { is: 'minus', of: a, without: b }
      expect(of(minus)).toEqual(of(and(a, not(b))))
      expect(of(or(minus, and(a, b)))).toEqual(of(a))
    })
  })

  test('a traversal keeps where it starts, again changes nothing, and goes over a union', () => {
    holds((of, a, b) => {
      const up = (one: Selection): Selection => ({ is: 'traverse', of: one, up: 'all' })
      expect(of(and(up(a), a))).toEqual(of(a))
      expect(of(up(up(a)))).toEqual(of(up(a)))
      expect(of(up(or(a, b)))).toEqual(of(or(up(a), up(b))))
    })
  })

  test('two steps are one step twice', () => {
    holds((of, a) => {
      const down = (one: Selection, depth: number): Selection => ({ is: 'traverse', of: one, down: depth })
      expect(of(down(a, 2))).toEqual(of(down(down(a, 1), 1)))
    })
  })

  test('the roots of a set are in it, and everything in it reads one or is one', () => {
    holds((of, a) => {
      const roots: Selection = { is: 'roots', of: a }
      expect(of(and(roots, a))).toEqual(of(roots))
      expect(of({ is: 'minus', of: a, without: { is: 'traverse', of: roots, down: 'all' } })).toEqual([])
    })
  })
})
