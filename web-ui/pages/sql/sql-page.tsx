/** Ask the lake: a SELECT over what is published, now or as it was. */

import { useLocation, useNavigate, useSearch } from '@tanstack/react-router'
import { Play, Share2, Square } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { Answer } from '../../../server/contract/contract.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { Button } from '../../kit/button.tsx'
import { TextInput } from '../../kit/fields.tsx'
import { count } from '../../kit/format.ts'
import { Answered, Page, Panel } from '../../kit/page.tsx'
import { useNow } from '../../kit/time.tsx'
import { Tip } from '../../kit/tip.tsx'
import { SqlAnswer } from './sql-answer.tsx'
import type { SqlEditorHandle } from './sql-editor.tsx'
import { SqlEditor } from './sql-editor.tsx'
import { SqlLibrary } from './sql-library.tsx'
import { SqlSchema } from './sql-schema.tsx'
import { useSql } from './use-sql.ts'

const draft = 'bullion.sql.draft'

export function SqlPage() {
  const search = useSearch({ strict: false })
  const navigate = useNavigate()
  const tables = useAnswer('sqlTables', {})
  const editor = useRef<SqlEditorHandle>(null)
  const [begin] = useState(() => search.q ?? localStorage.getItem(draft) ?? '')
  const [text, setText] = useState(begin)
  const [at, setAt] = useState(search.at ?? '')
  const sql = useSql()
  const isLedByOurs = useLocation({ select: ({ state }) => state.__TSR_index > 0 })
  const asked = useRef<string | undefined>(undefined)

  const run = (given = text): void => {
    const question = { text: given.trim().replace(/;\s*$/, ''), at: at.trim() }
    if (question.text === '') return
    asked.current = question.text
    void navigate({
      to: '/sql',
      search: { q: question.text, at: question.at || undefined, show: search.show },
      replace: true,
    })
    void sql.run(question)
  }
  const write = (next: string): void => {
    setText(next)
    localStorage.setItem(draft, next)
  }
  const replace = (next: string): void => {
    editor.current?.replace(next)
    run(next)
  }
  // Pages of others may lead here with what they like: that waits for a person. What ours lead to is asked at once, and
  // what was asked here is there already.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the address counts
  useEffect(() => {
    if (search.q === undefined || search.q === asked.current) return
    if (search.q !== text) editor.current?.replace(search.q)
    if (isLedByOurs) run(search.q)
  }, [search.q])

  return (
    <Page title="SQL" lead="One SELECT over what is published; each asset is a table of its name." fill>
      <div className="flex min-h-0 flex-1 gap-4">
        <Panel flush className="w-64 shrink-0 overflow-hidden xl:w-72" title="Tables">
          <Answered query={tables}>
            {({ items }) => (
              <SqlSchema tables={items} onInsert={(name) => editor.current?.insert(name)} onExample={replace} />
            )}
          </Answered>
        </Panel>
        <div className="flex min-w-0 flex-1 flex-col gap-4">
          <section aria-label="Query" className="shrink-0 rounded-lg border border-line bg-surface">
            {/* Pulled longer at its corner. */}
            <div className="h-44 max-h-[60vh] min-h-24 resize-y overflow-hidden">
              <SqlEditor
                ref={editor}
                begin={begin}
                tables={tables.data?.items ?? none}
                onChange={write}
                onRun={() => run()}
              />
            </div>
            <div className="flex flex-wrap items-center gap-2 border-t border-line px-3 py-2">
              {sql.isAsking ? (
                <Button icon={Square} onClick={sql.cancel}>
                  Cancel <Since at={sql.since!} />
                </Button>
              ) : (
                <Button look="primary" icon={Play} onClick={() => run()} disabled={text.trim() === ''}>
                  Run
                </Button>
              )}
              <span className="hidden text-xs text-ink-faint xl:inline">Ctrl or ⌘ Enter</span>
              <div className="ml-auto flex flex-wrap items-center gap-2">
                <Tip
                  text={
                    'Over what was published then: 2024-01-31, 2024-01-31T12:00Z,\nor the id of a run. Empty for now.'
                  }
                >
                  <span className="inline-flex items-center gap-2">
                    <span aria-hidden className="text-xs text-ink-faint">
                      As of
                    </span>
                    <TextInput
                      aria-label="As of"
                      value={at}
                      onChange={(event) => setAt(event.target.value)}
                      onKeyDown={(event) => event.key === 'Enter' && run()}
                      placeholder="now"
                      className="w-44"
                    />
                  </span>
                </Tip>
                <SqlLibrary text={text} onChoose={replace} />
                <ShareButton isDone={search.q === text.trim()} onShare={() => run()} />
              </div>
            </div>
          </section>
          <SqlAnswer sql={sql} tables={tables.data?.items ?? none} onExample={replace} />
          {tables.data && (
            <p className="-mt-2 text-xs text-ink-faint">
              An answer holds {count(tables.data.limits.rows)} rows at most, and has{' '}
              {count(tables.data.limits.timeoutMs / 1_000)} s and {count(tables.data.limits.memoryMb)} MB to be found.
              Nothing can be changed from here.
            </p>
          )}
        </div>
      </div>
    </Page>
  )
}

const none: Answer<'sqlTables'>['items'] = []

function Since({ at }: { readonly at: number }) {
  const now = useNow(100)
  return <span className="tabular text-ink-faint">{(Math.max(0, now - at) / 1_000).toFixed(1)} s</span>
}

function ShareButton({ isDone, onShare }: { readonly isDone: boolean; readonly onShare: () => void }) {
  const [isCopied, setCopied] = useState(false)
  const share = async (): Promise<void> => {
    if (!isDone) onShare()
    await new Promise(requestAnimationFrame)
    await navigator.clipboard.writeText(location.href)
    setCopied(true)
    setTimeout(() => setCopied(false), 1_500)
  }
  return (
    <Button look="quiet" icon={Share2} onClick={() => void share()}>
      {isCopied ? 'Address copied' : 'Share'}
    </Button>
  )
}
