import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Selection } from '#pipeline'
import { isPipelineError, parseSelection, printSelection } from '#pipeline'
import { selections } from './selections.ts'

const term = 'a name, an attribute such as layer:gold, a function such as sinks(…), or "("'

describe('a text that is no selection is refused with the place and what to write', () => {
  test.each([
    ['', 0, `expected ${term}, got the end`],
    ['+', 1, `expected ${term}, got the end`],
    ['not', 3, `expected ${term}, got the end`],
    ['a and', 5, `expected ${term}, got the end`],
    ['a and and', 6, `expected ${term}, got "and"`],
    ['a,', 2, `expected ${term}, got the end`],
    ['()', 1, `expected ${term}, got ")"`],
    ['- a', 0, `expected ${term}, got "-"`],
    ['a b', 2, 'expected "and", "or", "," or the end, got "b"; to select both, write a, b'],
    ['key:a key:b', 6, 'expected "and", "or", "," or the end, got "key"; to select both, write key:a, key:b'],
    ['(a b)', 3, 'expected "and", "or", "," or ")", got "b"; to select both, write (a, b)'],
    ['a+ b', 3, 'expected "and", "or", "," or the end, got "b"; to select both, write a+, b'],
    [`${'a,'.repeat(50)}a b`, 102, 'or the end, got "b"; write "," or "or" to select both'],
    ['a)', 1, 'expected "and", "or", "," or the end, got ")"'],
    ['a = b', 2, 'expected "and", "or", "," or the end, got "="'],
    ['(a', 2, 'expected ")" for the "(" at character 1, got the end'],
    ['sinks(a', 7, 'expected ")" for the "(" at character 6, got the end'],
    ['sinks', 5, 'expected "(" after "sinks", got the end; write key:sinks for the asset of that name'],
    ['owner', 5, 'expected ":" after "owner", got the end; write key:owner for the asset of that name'],
    ['tag:', 4, 'expected a value after "tag", got the end; put a value that is not a plain word in double quotes'],
    ['tag:a=', 6, 'expected a value after "tag:a", got the end; put a value'],
    ['key:+', 4, 'expected a value after "key", got "+"; put a value'],
    ['column:1h', 7, 'expected a value after "column", got "1"; put a value that is not a plain word in double quotes'],
    [
      'lyer:gold',
      0,
      'expected an attribute (key, key_substring, layer, group, owner, kind, job, column, tag), got "lyer"; did you mean "layer"?',
    ],
    [
      '**key:a',
      0,
      'expected an attribute (key, key_substring, layer, group, owner, kind, job, column, tag), got "**key"; did you mean "key"?',
    ],
    ['root(a)', 0, 'expected a function (sinks, roots, externals), got "root"; did you mean "roots"?'],
    ['*+', 1, 'expected "*" alone, got "+"; "*" is already everything'],
    ['+*', 1, 'expected "*" alone, got "+"; "*" is already everything'],
    [
      '2',
      1,
      'expected "+" after the depth 2, got the end; write 2+name; a value that starts with a digit needs quotes',
    ],
    ['2++a', 2, `expected ${term}, got "+"`],
    ['a++2', 3, 'expected either several "+" or a number, got "2"'],
    ['a+2+', 3, 'expected "and", "or", "," or the end, got "+"'],
    ['a+1234567', 2, 'expected a depth of at most 999999, got 1234567; write "+" alone to go all the way'],
    ['"a"', 0, 'expected an attribute before the quotes, got "a"; write key:"a"'],
    [
      'owner:a@b.c',
      7,
      'expected a plain word, got "@"; put a value with other characters in double quotes: owner:"a@b.c"',
    ],
    ['owner:<null>', 6, 'expected a plain word, got "<"; put a value'],
    ['key:"a', 4, 'expected a closing quote, got the end'],
    ['key:"a\\b"', 4, 'expected text in quotes, got a lone "\\"; write \\" for a quote and \\\\ for a backslash'],
    [
      'a'.repeat(10_001),
      10_000,
      'expected at most 10,000 characters, got 10,001; select by an attribute or a wildcard',
    ],
    [
      `${'('.repeat(101)}a${')'.repeat(101)}`,
      100,
      'expected at most 100 levels, got one more; name the assets, or tag them',
    ],
    [`${'not '.repeat(101)}a`, 404, 'expected at most 100 levels, got one more'],
    [`a${' - a'.repeat(101)}`, 0, 'expected at most 100 levels, got one more'],
  ])('"%s"', (text, at, message) => {
    const refusal = refusalOf(text)

    expect(refusal.details.at).toBe(at)
    expect(refusal.message).toContain(message)
  })

  test('the caret stands under the fault, in a window of a long text', () => {
    const caretOf = (text: string) => {
      const [, line = '', caret = ''] = refusalOf(text).message.split('\n')
      return line[caret.indexOf('^')]
    }

    expect(refusalOf('layer:gold\nkind:x').message).toMatch(/\n {2}layer:gold kind:x\n {13}\^$/)
    expect(caretOf(`${'a, '.repeat(2_000)}(b ! c)${', a'.repeat(300)}`)).toBe('!')
  })
})

describe('a printed selection', () => {
  test.each([
    ['key:"report"', 'report'],
    ['key:owner', 'key:"owner"'],
    ['key:"*"', 'key:"*"'],
    ['bronze_*', 'bronze_*'],
    ['tag:"a"="b c"', 'tag:a="b c"'],
    ['tag:a=""', 'tag:a'],
    ['owner:"a\\"\\\\b"', 'owner:"a\\"\\\\b"'],
    ['++a+', '2+a+'],
    ['+((a or b))+3', '+(a or b)+3'],
    ['+(a+)', '+(a+)'],
    ['+(*)', '+(*)'],
    ['a,b and c', 'a or (b and c)'],
    ['a - b - c', '(a - b) - c'],
    ['a - (b - c)', 'a - (b - c)'],
    ['a and NOT b+', 'a and not b+'],
    ['not (a or b)', 'not (a or b)'],
    ['* - a', 'not a'],
    ['sinks((a,b))', 'sinks(a or b)'],
  ])('of "%s" is "%s"', (text, printed) => {
    expect(printSelection(parseSelection(text))).toBe(printed)
  })

  const text = fc.oneof(fc.constantFrom('a', 'gold_*', 'owner', 'and', '*', '', 'a-b', 'x/y', '1h'), fc.string())
  const leaf = fc.oneof(
    fc.record({
      is: fc.constantFrom('key', 'key_substring', 'layer', 'group', 'owner', 'kind', 'job', 'column'),
      value: text,
    }),
    fc.record({ is: fc.constant('tag'), key: text, value: text }),
  ) as fc.Arbitrary<Selection>

  test('reads as what it was', () => {
    fc.assert(
      fc.property(selections(leaf), (selection) => {
        expect(parseSelection(printSelection(selection))).toEqual(selection)
      }),
    )
  })

  test('of any text that reads at all reads the same, and any other text is refused as malformed', () => {
    const words = [
      'a',
      'b_*',
      '*',
      '+',
      '2',
      '(',
      ')',
      'and',
      'or',
      'not',
      ',',
      ' - ',
      'key:',
      'tag:x=',
      '"q"',
      'sinks(',
      '!',
    ]
    const jumble = fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((parts) => parts.join(' '))

    fc.assert(
      fc.property(fc.oneof(jumble, fc.string()), (written) => {
        const read = attempt(written)
        if ('is' in read) expect(parseSelection(printSelection(read))).toEqual(read)
        else expect(isPipelineError(read.error, 'selection.malformed')).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  test('of the deepest selection reads again', () => {
    const deepest = `${'+(a, b and ('.repeat(33)}c${'))+'.repeat(33)}`

    expect(parseSelection(printSelection(parseSelection(deepest)))).toEqual(parseSelection(deepest))
  })
})

function attempt(text: string): Selection | { readonly error: unknown } {
  try {
    return parseSelection(text)
  } catch (error) {
    return { error }
  }
}

function refusalOf(text: string) {
  const read = attempt(text)
  if ('error' in read && isPipelineError(read.error, 'selection.malformed')) return read.error
  throw new Error(`"${text}" was not refused`)
}
