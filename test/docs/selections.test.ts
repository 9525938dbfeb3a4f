import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parseSelection } from '#pipeline'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/selections.md'), 'utf8')
const written = [...page.matchAll(/^\| (`.*?) \|/gm)]
  .flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)])
  .map(([, text = '']) => text.replace('…', 'a'))
const inShell = [...page.matchAll(/^bullion \w+ '([^']+)'/gm)].map(([, text = '']) => text)

test.each([...written, ...inShell])('the page of selections writes "%s" right', (text) => {
  expect(() => parseSelection(text)).not.toThrow()
})

test('the page of selections shows the refusal that is given', () => {
  const [shown = ''] = /selection can not be read[^`]+/.exec(page) ?? []

  expect(() => parseSelection('gold_candles gold_spread')).toThrow(shown.trimEnd())
  expect(written.length + inShell.length).toBeGreaterThan(20)
})
