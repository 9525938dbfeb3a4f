import { nearest } from '../define/nearest.ts'
import type { Attribute, Depth, Selection, SetFunction } from './selection-syntax.ts'
import { attributes, quoted, reservedWords, setFunctions } from './selection-syntax.ts'
import type { Token } from './selection-tokens.ts'
import { malformed, tokensOf } from './selection-tokens.ts'

/** Where the parser stands; `depth` counts what is open around it. */
interface Cursor {
  readonly text: string
  readonly tokens: readonly Token[]
  next: number
  depth: number
}

const longest = 10_000
const deepest = 100

/**
 * Reads a selection. From the loosest to the tightest: `or` and `,`; `and` and ` - `; `not`; `+`.
 * Throws `selection.malformed`, which shows the place; also for a text of more than 10,000 characters or 100 levels.
 */
export function parseSelection(text: string): Selection {
  if (text.length > longest) {
    const got = `${text.length.toLocaleString('en')}`
    throw malformed(text, longest, 'at most 10,000 characters', got, 'select by an attribute or a wildcard')
  }
  const cursor: Cursor = { text, tokens: tokensOf(text), next: 0, depth: 0 }
  const selection = union(cursor)
  if (peek(cursor).type !== 'end') throw unexpectedAfter(cursor, 'the end')
  if (levels(selection) > deepest) throw tooDeep(text, 0)
  return selection
}

function union(cursor: Cursor): Selection {
  const members = [intersection(cursor)]
  while (takeSymbol(cursor, ',') || takeOperator(cursor, 'or')) members.push(intersection(cursor))
  return joined('or', members)
}

function intersection(cursor: Cursor): Selection {
  let members = [negation(cursor)]
  for (;;) {
    if (takeOperator(cursor, 'and')) members.push(negation(cursor))
    else if (takeSymbol(cursor, '-')) {
      members = [{ is: 'minus', of: joined('and', members), without: negation(cursor) }]
    } else return joined('and', members)
  }
}

const joined = (is: 'and' | 'or', members: readonly Selection[]): Selection =>
  members.length === 1 ? members[0]! : { is, of: members }

function negation(cursor: Cursor): Selection {
  if (!takeOperator(cursor, 'not')) return traversal(cursor)
  return { is: 'minus', of: { is: 'all' }, without: inside(cursor, negation) }
}

function traversal(cursor: Cursor): Selection {
  const up = upDepth(cursor)
  const start = peek(cursor)
  const of = term(cursor)
  const plus = peek(cursor)
  const down = downDepth(cursor)
  if (up === undefined && down === undefined) return of
  if (start.type === 'word' && start.text === '*' && of.is === 'all') {
    const at = down === undefined ? start.at : plus.at
    throw malformed(cursor.text, at, '"*" alone', '"+"', '"*" is already everything')
  }
  return { is: 'traverse', of, ...(up === undefined ? {} : { up }), ...(down === undefined ? {} : { down }) }
}

/** `+` all the way, `2+` two steps, `++` two steps as well. */
function upDepth(cursor: Cursor): Depth | undefined {
  const digits = peek(cursor)
  if (digits.type !== 'number') return plusses(cursor)
  cursor.next++
  if (takeSymbol(cursor, '+')) return steps(cursor, digits)
  throw unexpected(
    cursor,
    `"+" after the depth ${digits.text}`,
    `write ${digits.text}+name; a value that starts with a digit needs quotes`,
  )
}

function downDepth(cursor: Cursor): Depth | undefined {
  const depth = plusses(cursor)
  const digits = peek(cursor)
  if (depth === undefined || digits.type !== 'number') return depth
  if (depth !== 'all') throw unexpected(cursor, 'either several "+" or a number')
  cursor.next++
  return steps(cursor, digits)
}

function plusses(cursor: Cursor): Depth | undefined {
  let count = 0
  while (takeSymbol(cursor, '+')) count++
  if (count === 0) return undefined
  return count === 1 ? 'all' : count
}

function steps(cursor: Cursor, digits: Token): number {
  if (digits.text.length > 6) {
    throw malformed(
      cursor.text,
      digits.at,
      'a depth of at most 999999',
      digits.text,
      'write "+" alone to go all the way',
    )
  }
  return Number(digits.text)
}

const isAttribute = (text: string): text is Attribute => (attributes as readonly string[]).includes(text)
const isFunction = (text: string): text is SetFunction => (setFunctions as readonly string[]).includes(text)

function term(cursor: Cursor): Selection {
  const token = peek(cursor)
  if (takeSymbol(cursor, '(')) return closed(cursor, token)
  if (token.type === 'string') {
    throw unexpected(cursor, 'an attribute before the quotes', `write key:${quoted(token.text)}`)
  }
  if (token.type !== 'word' || isOperator(token)) throw unexpected(cursor, expectedTerm)
  cursor.next++
  const follows = peek(cursor)
  if (follows.type === 'symbol' && follows.text === ':') return attributeTerm(cursor, token)
  if (follows.type === 'symbol' && follows.text === '(') return functionTerm(cursor, token)
  if (token.text === '*') return { is: 'all' }
  if (reservedWords.has(token.text)) {
    const wanted = isFunction(token.text) ? '"("' : '":"'
    throw unexpected(cursor, `${wanted} after "${token.text}"`, `write key:${token.text} for the asset of that name`)
  }
  return { is: 'key', value: token.text }
}

function attributeTerm(cursor: Cursor, name: Token): Selection {
  if (!isAttribute(name.text) && name.text !== 'tag') {
    throw unknownWord(cursor, name, 'an attribute', [...attributes, 'tag'])
  }
  cursor.next++
  const value = readValue(cursor, name.text)
  if (name.text !== 'tag') return { is: name.text, value }
  return { is: 'tag', key: value, value: takeSymbol(cursor, '=') ? readValue(cursor, `tag:${value}`) : '' }
}

function functionTerm(cursor: Cursor, name: Token): Selection {
  if (!isFunction(name.text)) throw unknownWord(cursor, name, 'a function', setFunctions)
  const open = peek(cursor)
  cursor.next++
  return { is: name.text, of: closed(cursor, open) }
}

function closed(cursor: Cursor, open: Token): Selection {
  const of = inside(cursor, union, open)
  if (takeSymbol(cursor, ')')) return of
  if (peek(cursor).type === 'end') throw unexpected(cursor, `")" for the "(" at character ${open.at + 1}`)
  throw unexpectedAfter(cursor, '")"')
}

function readValue(cursor: Cursor, owner: string): string {
  const token = peek(cursor)
  if (token.type !== 'word' && token.type !== 'string') {
    throw unexpected(cursor, `a value after "${owner}"`, 'put a value that is not a plain word in double quotes')
  }
  cursor.next++
  return token.text
}

function inside(cursor: Cursor, parse: (cursor: Cursor) => Selection, at = peek(cursor)): Selection {
  if (++cursor.depth > deepest) throw tooDeep(cursor.text, at.at)
  const selection = parse(cursor)
  cursor.depth--
  return selection
}

// The levels of what was read, which may be more than its parentheses: printed, each level may need a pair.
function levels(selection: Selection): number {
  if ('without' in selection) return 1 + Math.max(levels(selection.of), levels(selection.without))
  if (!('of' in selection)) return 0
  return 1 + Math.max(...[selection.of].flat().map(levels))
}

const peek = (cursor: Cursor): Token => cursor.tokens[cursor.next]!

function takeSymbol(cursor: Cursor, symbol: string): boolean {
  const token = peek(cursor)
  if (token.type !== 'symbol' || token.text !== symbol) return false
  cursor.next++
  return true
}

function takeOperator(cursor: Cursor, operator: 'and' | 'or' | 'not'): boolean {
  const token = peek(cursor)
  if (token.type !== 'word' || token.text.toLowerCase() !== operator) return false
  cursor.next++
  return true
}

const isOperator = (token: Token) => ['and', 'or', 'not'].includes(token.text.toLowerCase())

const expectedTerm = 'a name, an attribute such as layer:gold, a function such as sinks(…), or "("'

function unexpected(cursor: Cursor, expected: string, instead?: string) {
  const { type, text, at } = peek(cursor)
  return malformed(cursor.text, at, expected, type === 'end' ? 'the end' : `"${text}"`, instead)
}

function unexpectedAfter(cursor: Cursor, end: string) {
  const { type, text, at } = peek(cursor)
  const expected = `"and", "or", "," or ${end}`
  const startsTerm = type === 'word' || type === 'string' || type === 'number' || text === '('
  if (!startsTerm) return unexpected(cursor, expected)
  const both = `${cursor.text.slice(0, at).trimEnd()}, ${cursor.text.slice(at)}`
  return unexpected(
    cursor,
    expected,
    both.length > 80 ? 'write "," or "or" to select both' : `to select both, write ${both}`,
  )
}

function unknownWord(cursor: Cursor, name: Token, what: string, known: readonly string[]) {
  const near = nearest(name.text, known)
  const instead = near === undefined ? undefined : `did you mean "${near}"?`
  return malformed(cursor.text, name.at, `${what} (${known.join(', ')})`, `"${name.text}"`, instead)
}

const tooDeep = (text: string, at: number) =>
  malformed(text, at, `at most ${deepest} levels`, 'one more', 'name the assets, or tag them')
