import type { AnyAsset } from '../define/asset.ts'
import type { Selectable } from './select-assets.ts'
import { valuesOf } from './select-assets.ts'
import { attributes, printValue, setFunctions } from './selection-syntax.ts'

/** What may stand in `text` from `from` to `to`, the best first. */
export interface Completion {
  readonly from: number
  readonly to: number
  readonly options: readonly string[]
}

/** What an editor offers at `cursor`: names and attributes, the values of an attribute, or operators. */
export function completeSelection(all: Selectable, text: string, cursor: number): Completion {
  const before = text.slice(0, cursor)
  const value = /([a-z_]+):("[^"]*|[\w*/=-]*)$/.exec(before)
  if (value) {
    const [, attribute = '', typed = ''] = value
    const isQuoted = typed.startsWith('"')
    const rest = (isQuoted ? /^[^"]*"/ : /^[\w*/=-]*/).exec(text.slice(cursor))?.[0] ?? ''
    const options = best(valuesIn(all, attribute), typed.replace('"', ''))
    return { from: cursor - typed.length, to: cursor + rest.length, options: options.map(({ written }) => written) }
  }
  const typed = /[\w*/]*$/.exec(before)![0]
  const from = cursor - typed.length
  const rest = /^[\w*/]*/.exec(text.slice(cursor))![0]
  const words = endsTerm(text.slice(0, from).trimEnd()) ? operators : termsIn(all)
  return { from, to: cursor + rest.length, options: best(words.map(plain), typed).map(({ written }) => written) }
}

/** What is compared with what was typed, and how it is then written. */
interface Option {
  readonly text: string
  readonly written: string
}

const plain = (text: string): Option => ({ text, written: text })

const operators = ['and', 'or', '-']

const termsIn = (all: Selectable): readonly string[] => [
  ...all.assets.keys(),
  ...[...attributes, 'tag'].map((attribute) => `${attribute}:`),
  ...setFunctions.map((name) => `${name}(`),
  'not',
  '*',
]

function endsTerm(text: string): boolean {
  return /[\w*")](?:\+\d*)?$/.test(text) && !/(?:^|[\s(),])(?:and|or|not)$/i.test(text)
}

function valuesIn(all: Selectable, attribute: string): readonly Option[] {
  const assets = [...all.assets.values()]
  const distinct = (values: (asset: AnyAsset) => readonly string[]) => [...new Set(assets.flatMap(values))].sort()
  if (attribute === 'tag') {
    const tags = distinct(({ tags }) => Object.entries(tags).map((tag) => JSON.stringify(tag)))
    return tags.map((tag) => tagOption(...(JSON.parse(tag) as [string, string])))
  }
  const values = attribute === 'job' ? [...all.jobs.keys()] : isListed(attribute) ? distinct(valuesOf[attribute]) : []
  return values.map((text) => ({ text, written: printValue(text) }))
}

const isListed = (attribute: string): attribute is keyof typeof valuesOf => Object.hasOwn(valuesOf, attribute)

const tagOption = (key: string, value: string): Option => ({
  text: `${key}=${value}`,
  written: printValue(key) + (value === '' ? '' : `=${printValue(value)}`),
})

/** Those that start with what was typed, then those that hold it. */
function best(options: readonly Option[], typed: string): readonly Option[] {
  const sought = typed.toLowerCase()
  const places = options.map((option) => ({ option, at: option.text.toLowerCase().indexOf(sought) }))
  return [...places.filter(({ at }) => at === 0), ...places.filter(({ at }) => at > 0)].map(({ option }) => option)
}
