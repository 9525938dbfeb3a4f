import { useState } from 'react'
import { Button } from '../../kit/button.tsx'
import { Choice, SearchInput, TextInput } from '../../kit/fields.tsx'
import { useAddress } from '../../kit/use-address.ts'
import { useDelayed } from '../../kit/use-delayed.ts'
import { LogLines } from './log-lines.tsx'
import type { Run } from './run-page.tsx'
import { AssetSelect } from './run-steps.tsx'

const levels = [
  ['debug', 'All'],
  ['info', 'Info'],
  ['warn', 'Warnings'],
  ['error', 'Errors'],
] as const

/** What the steps of a run said, and what became of them. */
export function RunLog({ run }: { readonly run: Run }) {
  const [address, change] = useAddress()
  const { asset, key, q, line } = address
  const level = levels.find(([one]) => one === address.level)?.[0] ?? 'debug'
  // While it runs the newest is looked at; afterwards it is read from the start. It stays as it was when the run ends.
  const [usual] = useState<'start' | 'end'>(run.finishedAt === null ? 'end' : 'start')
  const from = address.from === 'start' || address.from === 'end' ? address.from : usual
  const [typed, setTyped] = useDelayed(q ?? '', (text) => filter({ q: text || undefined }))
  const [typedKey, setTypedKey] = useDelayed(key ?? '', (text) => filter({ key: text || undefined }))
  // A line that was linked to may not be among those of another filter.
  const filter = (changed: Parameters<typeof change>[0]): void => change({ ...changed, line: undefined })
  const asked = {
    run: run.run,
    level,
    ...(asset !== undefined && { asset }),
    ...(key !== undefined && { key }),
    ...(q !== undefined && { q }),
  }
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3">
      <search aria-label="Which lines" className="flex flex-wrap items-center gap-2">
        <SearchInput isMain label="Find in the log" value={typed} onChange={setTyped} className="w-44 xl:w-60" />
        <Choice
          label="Level"
          value={level}
          options={levels}
          onChange={(one) => filter({ level: one === 'debug' ? undefined : one })}
        />
        <AssetSelect run={run} value={asset} onChange={(one) => filter({ asset: one })} />
        <TextInput
          aria-label="Partition key"
          placeholder="Any partition"
          value={typedKey}
          onChange={(event) => setTypedKey(event.target.value)}
          className="w-40 font-mono xl:w-60"
        />
        <Choice
          label="Read from"
          value={from}
          options={[
            ['start', 'From the start'],
            ['end', 'Newest'],
          ]}
          onChange={(one) => change({ from: one, line: undefined })}
        />
        {(asset ?? key ?? q ?? line) !== undefined && (
          <Button
            look="quiet"
            onClick={() => {
              setTyped('')
              setTypedKey('')
              filter({ asset: undefined, key: undefined, q: undefined, level: undefined })
            }}
          >
            Clear
          </Button>
        )}
      </search>
      <LogLines
        key={JSON.stringify([asked, from, line !== undefined])}
        run={run}
        filter={asked}
        from={line === undefined ? from : { line }}
        onLine={(id) => change({ line: id })}
        line={line}
      />
    </div>
  )
}
