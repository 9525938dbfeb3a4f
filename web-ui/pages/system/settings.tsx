import { Lock } from 'lucide-react'
import { useState } from 'react'
import type { Answer } from '../../../server/contract/contract.ts'
import { CopyButton } from '../../kit/button.tsx'
import { SearchInput } from '../../kit/fields.tsx'
import { Panel } from '../../kit/page.tsx'

/** What the process was started with; of secrets only that they are set. */
export function Settings({ settings }: { readonly settings: Answer<'system'>['settings'] }) {
  const [typed, setTyped] = useState('')
  const found = settings.filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(typed.toLowerCase()))
  return (
    <Panel
      title="Settings"
      note="secrets are said to be set, and never shown"
      flush
      actions={settings.length > 8 && <SearchInput label="Find a setting" value={typed} onChange={setTyped} />}
    >
      <dl className="grid text-sm lg:grid-cols-2">
        {found.map(({ name, value, isSecret }) => (
          <div
            key={name}
            className="group grid min-h-9 grid-cols-[minmax(0,1fr)_minmax(0,1.2fr)] items-center gap-3 border-b border-line/70 px-4 py-1"
          >
            <dt className="truncate font-mono text-xs text-ink-soft" title={name}>
              {name}
            </dt>
            <dd className="flex min-w-0 items-center justify-between gap-2">
              {isSecret ? (
                <span className="inline-flex items-center gap-1.5 text-ink-faint">
                  <Lock size={13} aria-hidden /> {value}
                </span>
              ) : (
                <>
                  <span className={`min-w-0 truncate ${value === '' ? 'text-ink-faint' : ''}`} title={value}>
                    {value === '' ? 'not set' : value}
                  </span>
                  {value !== '' && (
                    <span className="opacity-0 group-focus-within:opacity-100 group-hover:opacity-100">
                      <CopyButton text={value} label={`Copy ${name}`} />
                    </span>
                  )}
                </>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {found.length === 0 && <p className="px-4 py-6 text-center text-sm text-ink-faint">No setting is called that.</p>}
    </Panel>
  )
}
