import { expect, test } from 'vitest'
import { ownProject } from './own-project.ts'

const project = () =>
  ownProject(
    ['defineAsset', 'definitions', 'dynamic', 'externalAsset', 'memoryIo', 'provide'],
    `
const output = z.strictObject({ n: z.int() })
const rates = externalAsset({ name: 'rates', partitions: { market: dynamic('markets') }, output })
const prices = defineAsset({
  name: 'prices', partitions: { market: dynamic('markets') }, deps: { rates }, output, run: () => [{ n: 1 }],
})
export default definitions({ assets: [rates, prices], resources: {}, io: provide(memoryIo) })
`,
  )

test('keys are added, made, listed and removed; what others make is observed by key', async () => {
  const run = project()
  const [mistaken, none] = [await run('keys', 'list', 'market'), await run('keys', 'list', 'markets')]
  expect([mistaken.code, mistaken.err]).toEqual([2, expect.stringContaining('did you mean "markets"')])
  expect(none.out).toContain('"markets" has no keys yet')

  expect((await run('keys', 'add', 'markets', 'BTC', 'ETH')).out).toBe('added "BTC"\nadded "ETH"\n')
  expect((await run('keys', 'add', 'markets', 'BTC')).out).toBe('"BTC" was there already\n')
  expect(JSON.parse((await run('keys', 'list', 'markets', '--json')).out)).toEqual(['BTC', 'ETH'])
  expect((await run('materialize', 'rates+', '--all')).code).toBe(0)

  const unknown = await run('observe', 'rates', 'market=BTX', '--version', 'v2')
  expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('did you mean "BTC"')])
  expect((await run('observe', 'rates', 'market=BTC', '--version', 'v2')).out).toBe(
    '"rates" market=BTC is at "v2" now; what reads it is stale\n',
  )
  expect((await run('observe', 'rates', 'market=BTC', '--version', 'v2')).out).toContain('was at "v2" before')
  expect((await run('partitions', 'prices')).out).toMatch(
    /market=BTC +stale .*input "rates" changed\nmarket=ETH +fresh/,
  )
  expect((await run('assets')).out).toMatch(/rates +external +market +1 +2/)
  expect((await run('graph')).out).toContain('rates  external')

  const refused = await run('materialize', 'rates', '--all')
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('asset "rates" is made by others')])
  expect((await run('keys', 'remove', 'markets', 'ETH', 'XRP')).out).toBe('removed "ETH"\n"XRP" was not there\n')
  expect((await run('partitions', 'prices')).out).not.toContain('ETH')
}, 90_000)
