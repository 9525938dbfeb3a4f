import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab, toggleComment } from '@codemirror/commands'
import { bracketMatching, indentOnInput } from '@codemirror/language'
import { Compartment, EditorState, Prec } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view'
import type { Ref } from 'react'
import { useEffect, useImperativeHandle, useMemo, useRef } from 'react'
import type { Answer } from '../../../server/contract/contract.ts'
import { styleNonce } from '../../kit/nonce.ts'
import { language, looks } from './sql-language.ts'

export interface SqlEditorHandle {
  /** In place of what is selected, or where the cursor is. */
  readonly insert: (text: string) => void
  readonly replace: (text: string) => void
}

export function SqlEditor({
  begin,
  tables,
  onChange,
  onRun,
  ref,
}: {
  /** The text to begin with; later `replace` says another. */
  readonly begin: string
  readonly tables: Answer<'sqlTables'>['items']
  readonly onChange: (text: string) => void
  readonly onRun: () => void
  readonly ref: Ref<SqlEditorHandle>
}) {
  const box = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | undefined>(undefined)
  const schema = useRef(new Compartment())
  const newest = useRef({ onChange, onRun, tables, begin })
  newest.current = { onChange, onRun, tables, begin }

  useEffect(() => {
    const run = (view: EditorView) => {
      closeCompletion(view)
      newest.current.onRun()
      return true
    }
    const made = new EditorView({
      parent: box.current!,
      state: EditorState.create({
        doc: newest.current.begin,
        extensions: [
          EditorView.cspNonce.of(styleNonce),
          Prec.highest(keymap.of([{ key: 'Mod-Enter', run }])),
          lineNumbers(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ icons: false }),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': 'SQL' }),
          placeholder('select … from an asset; Ctrl or ⌘ and Enter answers it'),
          keymap.of([
            { key: 'Mod-/', run: toggleComment },
            ...closeBracketsKeymap,
            ...completionKeymap,
            ...historyKeymap,
            ...defaultKeymap,
            { key: 'Tab', run: acceptCompletion },
            // Escape, then Tab leaves the field, as everywhere with CodeMirror.
            indentWithTab,
          ]),
          schema.current.of(language(newest.current.tables)),
          looks,
          EditorView.updateListener.of(({ docChanged, state }) => {
            if (docChanged) newest.current.onChange(state.doc.toString())
          }),
        ],
      }),
    })
    view.current = made
    return () => made.destroy()
  }, [])
  // Rows come all the time; the editor is only told of other names.
  const names = useMemo(() => JSON.stringify(tables.map(({ name, columns }) => [name, columns])), [tables])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same names are the same
  useEffect(() => view.current?.dispatch({ effects: schema.current.reconfigure(language(tables)) }), [names])

  useImperativeHandle(ref, () => ({
    insert: (text) => {
      const editor = view.current
      if (!editor) return
      editor.dispatch(editor.state.replaceSelection(text))
      editor.focus()
    },
    replace: (text) => {
      const editor = view.current
      if (!editor) return
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } })
      editor.focus()
    },
  }))
  return <div ref={box} className="h-full min-h-0 overflow-hidden" />
}
