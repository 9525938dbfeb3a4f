import { PipelineError } from '../define/errors.ts'
import { word } from './selection-syntax.ts'

export interface Token {
  readonly type: 'word' | 'string' | 'number' | 'symbol' | 'end'
  /** Without quotes and escapes. */
  readonly text: string
  readonly at: number
}

const quotedText = /"(?:[^"\\]|\\["\\])*"/
const lexeme = new RegExp(
  `(?<word>${word})|(?<number>\\d+)|(?<string>${quotedText.source})|(?<symbol>[-+:=(),])|\\s+`,
  'y',
)

/** The words, values and signs of a selection, and its end. Throws `selection.malformed` for a sign that is none. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    lexeme.lastIndex = at
    const groups = lexeme.exec(text)?.groups
    if (!groups) throw unreadable(text, at)
    if (groups.word !== undefined) tokens.push({ type: 'word', text: groups.word, at })
    if (groups.number !== undefined) tokens.push({ type: 'number', text: groups.number, at })
    if (groups.symbol !== undefined) tokens.push({ type: 'symbol', text: groups.symbol, at })
    if (groups.string !== undefined) {
      tokens.push({ type: 'string', text: groups.string.slice(1, -1).replaceAll(/\\(.)/g, '$1'), at })
    }
    at = lexeme.lastIndex
  }
  return [...tokens, { type: 'end', text: '', at: text.length }]
}

function unreadable(text: string, at: number) {
  if (text[at] === '"') {
    const isClosed = text.indexOf('"', at + 1) !== -1
    return isClosed
      ? malformed(text, at, 'text in quotes', 'a lone "\\"', 'write \\" for a quote and \\\\ for a backslash')
      : malformed(text, at, 'a closing quote', 'the end')
  }
  const got = `"${String.fromCodePoint(text.codePointAt(at)!)}"`
  return malformed(text, at, 'a plain word', got, 'put a value with other characters in double quotes: owner:"a@b.c"')
}

export const malformed = (selection: string, at: number, expected: string, got: string, instead?: string) =>
  new PipelineError('selection.malformed', { selection, at, expected, got, instead })
