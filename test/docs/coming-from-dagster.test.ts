import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { skips } from '../semantics/skips.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/coming-from-dagster.md'), 'utf8')

test('the page shows each case that is answered differently with its reason, and no other', () => {
  const [, list = ''] = page.split('\n## Cases answered differently\n')
  const shown = [...list.matchAll(/^- `([^`]+)`: (.+)$/gm)].map(([, id, reason]) => [id, reason])

  expect(shown).toEqual(Object.entries(skips))
})
