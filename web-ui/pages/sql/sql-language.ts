/** How SQL is coloured and completed: the keywords of DuckDB, the tables that there are. */

import type { Completion } from '@codemirror/autocomplete'
import type { SQLNamespace } from '@codemirror/lang-sql'
import { PostgreSQL, SQLDialect, sql } from '@codemirror/lang-sql'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { Answer } from '../../../server/contract/contract.ts'

type Table = Answer<'sqlTables'>['items'][number]

const keywords = `${PostgreSQL.spec.keywords} qualify asof positional anti semi pivot unpivot exclude summarize describe sample`
const functions = 'arg_min arg_max time_bucket date_trunc epoch_ms make_timestamp_ms median quantile_cont regr_slope'

export function language(tables: readonly Table[]): Extension {
  // Columns called like a word of the language, such as open and close, are columns.
  const columns = new Set(tables.flatMap((table) => table.columns.map(({ name }) => name)))
  const duckdb = SQLDialect.define({
    ...PostgreSQL.spec,
    keywords: keywords
      .split(' ')
      .filter((word) => !columns.has(word))
      .join(' '),
    builtin: functions,
    caseInsensitiveIdentifiers: true,
  })
  return sql({ dialect: duckdb, schema: schemaOf(tables) })
}

function schemaOf(tables: readonly Table[]): SQLNamespace {
  return Object.fromEntries(
    tables.map(({ name, description, columns }) => [
      name,
      {
        self: { label: name, type: 'class', ...(description !== null && { info: description }) },
        children: columns.map(
          ({ name: label, type, unit, description: info }): Completion => ({
            ...{ label, type: 'property', detail: unit === null ? type : `${type}, ${unit}` },
            ...(info !== null && { info }),
          }),
        ),
      },
    ]),
  )
}

const mono = '"JetBrains Mono Variable", ui-monospace, monospace'

/** In the colours of the page, which are those of its theme. */
export const looks: Extension = [
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: tags.keyword, color: 'var(--running)', fontWeight: '500' },
      { tag: [tags.string, tags.special(tags.string)], color: 'var(--fresh)' },
      { tag: [tags.number, tags.bool, tags.null], color: 'var(--rejected)' },
      { tag: [tags.comment, tags.lineComment, tags.blockComment], color: 'var(--ink-faint)', fontStyle: 'italic' },
      { tag: [tags.typeName, tags.standard(tags.name)], color: 'var(--accent)' },
      { tag: tags.operator, color: 'var(--ink-soft)' },
    ]),
  ),
  EditorView.theme({
    '&': { height: '100%', fontSize: '0.8125rem', backgroundColor: 'transparent', color: 'var(--ink)' },
    '&.cm-focused': { outline: 'none' },
    '.cm-scroller': { fontFamily: mono, lineHeight: '1.55' },
    '.cm-content': { padding: '0.625rem 0', caretColor: 'var(--ink)' },
    '.cm-cursor': { borderLeftColor: 'var(--ink)' },
    '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--ink-faint)', border: 'none', paddingLeft: '0.5rem' },
    '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--line) 35%, transparent)' },
    '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
      backgroundColor: 'color-mix(in srgb, var(--focus) 28%, transparent) !important',
    },
    '.cm-matchingBracket': { backgroundColor: 'var(--accent-soft)', color: 'inherit' },
    '.cm-placeholder': { color: 'var(--ink-faint)' },
    '.cm-tooltip': {
      backgroundColor: 'var(--raised)',
      border: '1px solid var(--line)',
      borderRadius: '0.5rem',
      boxShadow: '0 8px 24px rgb(0 0 0 / 0.18)',
      overflow: 'hidden',
    },
    '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: mono, fontSize: '0.75rem' },
    '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '0.1875rem 0.625rem' },
    '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
      backgroundColor: 'var(--accent-soft)',
      color: 'var(--ink)',
    },
    '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--accent)', fontWeight: '600' },
    '.cm-completionDetail': { color: 'var(--ink-faint)', fontStyle: 'normal', marginLeft: '0.75rem' },
    '.cm-completionInfo': { padding: '0.5rem 0.75rem', maxWidth: '22rem', fontSize: '0.75rem' },
  }),
]
