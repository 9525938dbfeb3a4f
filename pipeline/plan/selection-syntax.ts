/** What a selection is made of, as plain data, and how it is written. Reading one is in `parse-selection.ts`. */

/** How far a traversal goes: a number of steps, or to the end. */
export type Depth = number | 'all'

export const attributes = ['key', 'key_substring', 'layer', 'group', 'owner', 'kind', 'job', 'column'] as const
export type Attribute = (typeof attributes)[number]

export const setFunctions = ['sinks', 'roots', 'externals'] as const
export type SetFunction = (typeof setFunctions)[number]

/** Words that are no names unless they stand behind `key:`. */
export const reservedWords: ReadonlySet<string> = new Set([...attributes, 'tag', ...setFunctions, 'and', 'or', 'not'])

/** A set of assets. `and` and `or` have at least two members. A value may hold `*`, which stands for any text. */
export type Selection =
  | { readonly is: 'all' }
  | { readonly is: Attribute; readonly value: string }
  /** An absent value is the empty one: `tag:nightly` is what `tags: { nightly: '' }` has. */
  | { readonly is: 'tag'; readonly key: string; readonly value: string }
  /** The assets of `of`, and what they read (`up`) or what reads them (`down`). */
  | { readonly is: 'traverse'; readonly of: Selection; readonly up?: Depth; readonly down?: Depth }
  | { readonly is: SetFunction; readonly of: Selection }
  | { readonly is: 'and' | 'or'; readonly of: readonly Selection[] }
  /** Written `a - b`, and `not b` where `of` is everything. */
  | { readonly is: 'minus'; readonly of: Selection; readonly without: Selection }

/** The text that parses to `selection`, with parentheses around every operand that has an operator of its own. */
export function printSelection(selection: Selection): string {
  switch (selection.is) {
    case 'all':
      return '*'
    case 'key':
      return isBareName(selection.value) ? selection.value : `key:${quoted(selection.value)}`
    case 'tag':
      return `tag:${printValue(selection.key)}${selection.value === '' ? '' : `=${printValue(selection.value)}`}`
    case 'traverse': {
      const up = selection.up === undefined ? '' : `${selection.up === 'all' ? '' : selection.up}+`
      const down = selection.down === undefined ? '' : `+${selection.down === 'all' ? '' : selection.down}`
      return `${up}${traversed(selection.of)}${down}`
    }
    case 'and':
    case 'or':
      return selection.of.map(operand).join(` ${selection.is} `)
    case 'minus':
      return isNegation(selection)
        ? `not ${operand(selection.without)}`
        : `${operand(selection.of)} - ${operand(selection.without)}`
    case 'sinks':
    case 'roots':
    case 'externals':
      return `${selection.is}(${printSelection(selection.of)})`
    default:
      return `${selection.is}:${printValue(selection.value)}`
  }
}

/** A value as it is written behind an attribute: quoted only where it must be. */
export const printValue = (value: string): string => (wordPattern.test(value) ? value : quoted(value))

/** A word needs no quotes. A hyphen between blanks takes away instead, so a word neither starts nor ends with one. */
export const word = '[A-Za-z_*][\\w*/]*(?:-[\\w*/]+)*'
const wordPattern = new RegExp(`^${word}$`)

const isBareName = (name: string) => name !== '*' && wordPattern.test(name) && !reservedWords.has(name.toLowerCase())

/** Any text in double quotes. */
export const quoted = (value: string) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`

const isNegation = (selection: Selection) => selection.is === 'minus' && selection.of.is === 'all'

function operand(selection: Selection): string {
  const isBinary = selection.is === 'and' || selection.is === 'or' || selection.is === 'minus'
  return isBinary && !isNegation(selection) ? `(${printSelection(selection)})` : printSelection(selection)
}

function traversed(selection: Selection): string {
  const isOneTerm = !['all', 'and', 'or', 'minus', 'traverse'].includes(selection.is)
  return isOneTerm ? printSelection(selection) : `(${printSelection(selection)})`
}
