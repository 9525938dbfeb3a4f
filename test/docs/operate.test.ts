import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { Settings } from '../../config.ts'
import { bullion } from '../cli/run-bullion.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/operate.md'), 'utf8')

test('the page has each setting, with its default', () => {
  const rows = [...page.matchAll(/^\| `(BULLION_\w+)`(?: \*)? \| .+ \| (.+) \|$/gm)].map(([, name, given]) => [
    name,
    given,
  ])
  const defaults = Settings.parse({}) as Readonly<Record<string, unknown>>
  const expected = Object.keys(Settings.shape).map((name) => [
    name,
    name in defaults ? `\`${defaults[name]}\`` : expect.not.stringMatching(/^`\d/),
  ])

  expect(rows).toEqual(expected)
})

const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.split('\n'))
const inTables = [...page.matchAll(/`(bullion [^`]+)`/g)].map(([, command]) => command!)
const commands = [...blocks.filter((line) => line.startsWith('bullion ')), ...inTables].map((line) =>
  line.replace(/ +#.*$/, ''),
)

test.each([...new Set(commands)])('the page writes "%s" right', async (line) => {
  const [words = ''] = /^bullion( [a-z]+)+/.exec(line) ?? []
  const options = line.match(/--[a-z-]+/g) ?? []

  const { code, out } = await bullion([...words.split(' ').slice(1), '--help'])

  expect(code).toBe(0)
  expect(out).toContain(`Usage: ${words} `)
  expect(options.filter((option) => !out.includes(option))).toEqual([])
})
