import type { Definitions } from '#pipeline'
import { completeSelection, evaluateSelection, PipelineError, parseSelection } from '#pipeline'
import type { Answer, Asked } from '../contract/contract.ts'

const mostOptions = 50

/** What may follow in a selection, a word about each, and what is wrong with it as it stands. */
export function selectionOptions(
  definitions: Definitions,
  { text, at }: Asked<'completeSelection'>,
): Answer<'completeSelection'> {
  const { from, to, options } = completeSelection(definitions, text, Math.min(at, text.length))
  const shown = options.slice(0, mostOptions)
  return {
    ...{ from, to },
    options: shown.map((option) => ({ text: option, about: aboutOption(definitions, option) })),
    error: text.trim() === '' ? null : errorIn(definitions, text),
  }
}

function errorIn(definitions: Definitions, text: string): string | null {
  try {
    evaluateSelection(definitions, parseSelection(text), { external: true })
    return null
  } catch (error) {
    if (error instanceof PipelineError) return error.message
    throw error
  }
}

const words: Readonly<Record<string, string>> = {
  'key:': 'the asset of a name, also with *',
  'key_substring:': 'names that hold a text',
  'layer:': 'bronze, silver or gold',
  'group:': 'assets declared together',
  'owner:': 'who answers for it',
  'kind:': 'what it is made with',
  'job:': 'the assets of a job',
  'column:': 'assets whose rows have a column',
  'tag:': 'a tag, tag:name=value',
  'sinks(': 'those that no other of the set reads',
  'roots(': 'those that read no other of the set',
  'externals(': 'what others make and the set reads',
  not: 'all but these',
  and: 'in both',
  or: 'in either',
  '-': 'in the first and not in the second',
  '*': 'everything that is made here',
}

function aboutOption({ assets, jobs }: Definitions, option: string): string | null {
  const asset = assets.get(option)
  if (asset) return asset.description ?? (asset.external ? 'made by others' : (asset.layer ?? asset.group))
  return words[option] ?? jobs.get(option)?.description ?? null
}
