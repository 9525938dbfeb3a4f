import { expect, test } from 'vitest'
import { ownProject } from './own-project.ts'

const project = () =>
  ownProject(
    ['defineAsset', 'definitions', 'memoryIo', 'meta', 'provide', 'warning'],
    `
const depth = defineAsset({
  name: 'depth',
  output: z.object({ n: z.number() }),
  params: z.object({ levels: z.int().min(1).default(20), label: z.string().optional() }),
  run({ params, log, metadata }) {
    log.debug('asking', { levels: params.levels })
    log.warn('a gap', { minutes: 3 })
    metadata({
      label: params.label ?? 'none',
      source: meta.url('https://example.org/depth', 'request'),
      gaps: meta.table([{ market: 'BTC-USDT', gaps: 2 }, { market: 'ETH-USDT', gaps: 13 }]),
      made: meta.plot({ x: 'day', y: 'rows', series: { made: [[1, 2], [3, 4]] } }),
    })
    return [{ n: params.levels }]
  },
  checks: { deep: () => warning({ passed: false, why: 'only 5 levels', metadata: { levels: 5 } }) },
})
export default definitions({ assets: [depth], resources: {}, io: provide(memoryIo) })
`,
  )

test('a run with parameters is told in its history and its logs', async () => {
  const run = project()
  const made = await run('materialize', 'depth', '--param', 'depth.levels=5', '--param', 'depth.label=a b', '--json')
  expect([made.code, made.err]).toEqual([0, ''])
  const id = (JSON.parse((await run('runs', '--json')).out) as { run: string }[])[0]!.run

  const history = (await run('history', 'depth')).out
  expect(history).toMatch(/^\w+ {2}published .* 1 row, /)
  expect(history.split('\n').slice(2)).toEqual([
    '  ! deep: only 5 levels',
    '      levels  5',
    '  params  {"levels":5,"label":"a b"}',
    '  label   a b',
    '  source  request <https://example.org/depth>',
    '  gaps',
    '    market    gaps',
    '    BTC-USDT     2',
    '    ETH-USDT    13',
    '  made    made: 2 points of rows over day, (1, 2) to (3, 4)',
    '',
  ])
  expect((await run('runs', 'show', id)).out).toContain('params   {"depth":{"levels":5,"label":"a b"}}')

  expect((await run('runs', 'logs', id)).out).toMatch(
    /^\S+ \S+ {2}debug {2}depth: asking levels=5\n\S+ \S+ {2}warn {3}depth: a gap minutes=3\n$/,
  )
  const followed = (await run('runs', 'logs', id, '--level', 'warn', '--follow', '--json')).out
  expect(JSON.parse(followed)).toMatchObject({ asset: 'depth', level: 'warn', fields: { minutes: 3 } })
}, 60_000)

test.each([
  [['depth.levels=none'], 'asset "depth" does not take these parameters: "levels": Invalid input: expected number'],
  [['depth.level=5'], '"level" is none of them (levels, label); did you mean "levels"?'],
  [['depth=5'], 'expected a parameter such as --param candles.depth=5 (asset, name, value), got "depth=5"'],
])(
  'parameters that do not fit make nothing: %j',
  async (params, message) => {
    const run = project()

    const refused = await run('materialize', 'depth', ...params.flatMap((param) => ['--param', param]))

    expect(refused.err).toContain(message)
    expect(refused.code).toBe(2)
  },
  60_000,
)
