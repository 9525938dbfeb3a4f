/** Keeps the types cheap: compiles a deployment of 300 assets and fails when the compiler works more than it used to. */
import { compile } from './compile.ts'

const assets = 300
/** Measured: 564 thousand. It may grow by a quarter before someone has to look at why. */
const mostInstantiations = 705_000

const { text, ms } = compile(deployment(assets), ['--extendedDiagnostics'])
const instantiations = Number(/^Instantiations:\s+(\d+)/m.exec(text)?.[1])
const memory = /^Memory used:\s+(\S+)/m.exec(text)?.[1]

if (/error TS/.test(text) || Number.isNaN(instantiations)) {
  console.error(`expected ${assets} generated assets to compile, got:\n${text.slice(0, 2_000)}`)
  process.exitCode = 1
} else {
  const count = (value: number) => value.toLocaleString('en')
  console.log(
    `types: ${assets} assets take ${count(instantiations)} of ${count(mostInstantiations)} instantiations, ${memory}, ${(ms / 1000).toFixed(1)} s`,
  )
  if (instantiations > mostInstantiations) {
    console.error(
      `compiling ${assets} assets takes ${count(instantiations)} type instantiations, expected at most ${count(mostInstantiations)}; make the types in pipeline/define cheaper, or raise the budget in test/types/budget.ts with a reason`,
    )
    process.exitCode = 1
  }
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
