import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compile } from './compile.ts'

/** By the reason that `mistakes.ts` gives for a mistake: the sentence that its author must find in the complaint. */
const sentences = {
  'candles have `high` and `low`, not `price`': "Property 'price' does not exist",
  'a column name in SQL': "Property 'vwap' does not exist",
  '`price` is not returned': "Type '{ market: string; }[]' is not assignable",
  '`price` is a number': "Types of property 'price' are incompatible",
  'a column name in a check': `Argument of type '"Market"' is not assignable to parameter of type '"market" | "price"'`,
  "candles are cut by market too: allOf(silverCandles, 'market')": "Property 'market' is missing",
  "trades are cut by hour: within(bronzeTrades, 'hour', 'day')": "Property 'hour' is missing",
  'a day of candles is still a day': "Property 'day' is missing",
  '24 hours of which day?': "Property 'day' is missing",
  'it is `partitions`': "Did you mean to write 'partitions'",
  'no dimension `venue`': `Argument of type '"venue"' is not assignable to parameter of type '"day" | "market"'`,
  'no dimension `hour`': `Argument of type '"hour"' is not assignable to parameter of type '"day" | "market"'`,
  "the job's partitions have a market": "Property 'market' is missing",
  'durations have a unit': `Type '"5"' is not assignable to type`,
  'a plain string is no key': "Type 'string' is not assignable to type 'PartitionKey'",
  '`lake` is needed by gold_daily_range': "Property 'lake' is missing",
  'a Lake is no RawStore': "Type 'Provider<Lake>' is not assignable to type 'Provider<RawStore>'",
  'nothing needs `spare`': "'spare' does not exist in type",
  "a sensor's needs count too": "Property 'rawStore' is missing",
  'two assets disagree on what `rawStore` is': "is not assignable to type 'Provider<Lake> & Provider<RawStore>'",
  'report reads silver_candles, which is not listed': '"silver_candles" is read by an asset but not listed in assets',
  'resources are not optional here': "Property 'resources' is missing",
  'a trade has more columns': 'is missing the following properties',
  'details belong to another code': "'dependency' does not exist in type '{ asset: string; resource: string; }'",
  'no such code': `Argument of type '"resource.gone"' is not assignable`,
  '`cancel-requested` is not handled': 'cancel-requested',
}

const source = readFileSync(join(import.meta.dirname, 'mistakes.ts'), 'utf8')
const complaints = complaintsOf(compile(source.replaceAll('@ts-expect-error', 'mistake:')).text)

test('every mistake draws one complaint, and nothing else does', () => {
  const reasons = [...source.matchAll(/@ts-expect-error (.*)/g)].map(([, reason]) => reason)

  expect(reasons.toSorted()).toEqual(Object.keys(sentences).toSorted())
  expect([...complaints.keys()].toSorted()).toEqual(reasons.toSorted())
})

test.each(Object.entries(sentences))('the complaint says it: %s', (reason, sentence) => {
  expect(complaints.get(reason)).toContain(sentence)
})

/** Complaints by the reason that stands on the line above; a complaint elsewhere is keyed by its own text. */
function complaintsOf(text: string): ReadonlyMap<string, string> {
  const lines = source.split('\n')
  return new Map(
    text
      .trim()
      .split(/\n(?=\S)/)
      .map((complaint) => {
        const line = Number(/^subject\.ts\((\d+),/.exec(complaint)?.[1])
        const [, reason] = /@ts-expect-error (.*)/.exec(lines[line - 2] ?? '') ?? []
        return [reason ?? complaint, complaint.replaceAll('\\"', '"')]
      }),
  )
}
