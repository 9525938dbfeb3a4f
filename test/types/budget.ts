/** Keeps the types cheap: compiles deployments and fails when the compiler works more for each asset than it used to. */
import { compile } from './compile.ts'

const [few, many] = [20, 300] as const
/** Measured: 1,300. It may grow by a quarter before someone has to look at why. */
const mostOfEach = 1_625

const [base, whole] = [measured(few), measured(many)]
if (base && whole) {
  const ofEach = Math.round((whole.instantiations - base.instantiations) / (many - few))
  const count = (value: number) => value.toLocaleString('en')
  console.log(
    `types: an asset takes ${count(ofEach)} of ${count(mostOfEach)} instantiations; ${many} of them ${whole.memory}, ${(whole.ms / 1000).toFixed(1)} s`,
  )
  if (ofEach > mostOfEach) {
    console.error(
      `compiling an asset takes ${count(ofEach)} type instantiations, expected at most ${count(mostOfEach)}; make the types in pipeline/define cheaper, or raise the budget in test/types/budget.ts with a reason`,
    )
    process.exitCode = 1
  }
}

/** What the compiler did for a deployment of so many assets; that of the framework's own code is the same for each. */
function measured(assets: number) {
  const { text, ms } = compile(deployment(assets), ['--extendedDiagnostics'])
  const instantiations = Number(/^Instantiations:\s+(\d+)/m.exec(text)?.[1])
  const memory = /^Memory used:\s+(\S+)/m.exec(text)?.[1]
  if (!/error TS/.test(text) && !Number.isNaN(instantiations)) return { instantiations, memory, ms }
  console.error(`expected ${assets} generated assets to compile, got:\n${text.slice(0, 2_000)}`)
  process.exitCode = 1
  return undefined
}

/** Wide and shallow, as a lakehouse is: 12 columns each, two dependencies, one of ten resources. */
function deployment(count: number): string {
  const numbers = (length: number) => Array.from({ length }, (_, index) => index)
  const columns = numbers(12).map((column) => `c${column}: z.number()`)
  const asset = (index: number): string => {
    const parent = Math.floor(index / 3)
    const isSource = index < 2
    const deps = isSource ? '' : `deps: { x: a${parent}, y: a${parent + (index % 2)} },`
    const body = isSource
      ? 'void resources; yield {} as never'
      : `for await (const row of inputs.x) yield { ...row, own${index}: row.c3 + resources.r${index % 10}.m${index % 10}() }`
    return `export const a${index} = defineAsset({
      name: 'asset_${index}', partitions: { day, market }, ${deps} resources: { r${index % 10} },
      output: z.object({ ${columns.join(', ')}, own${index}: z.number() }),
      async *run({ ${isSource ? '' : 'inputs, '}resources }) { ${body} },
    })`
  }
  return `
    import { z } from 'zod'
    import type { IoManager } from '#pipeline'
    import { daily, defineAsset, definitions, keyed, provide, resource } from '#pipeline'
    const day = daily({ since: '2024-01-01' })
    const market = keyed(['a', 'b'])
    declare const io: IoManager
    ${numbers(10)
      .map((index) => `const r${index} = resource<{ m${index}(): number }>()`)
      .join('\n')}
    ${numbers(count).map(asset).join('\n')}
    export const all = definitions({
      assets: [${numbers(count).map((index) => `a${index}`)}],
      resources: { ${numbers(10).map((index) => `r${index}: provide(() => ({ m${index}: () => 1 }))`)} },
      io: provide(() => io),
    })`
}
