import { useId, useState } from 'react'
import { useAnswer } from '../../api/use-answer.ts'
import { Button } from '../../kit/button.tsx'
import { TextInput } from '../../kit/fields.tsx'
import type { AssetDetails } from './grid-cells.ts'
import { keyInAddress } from './partition-key.tsx'

/** Chooses one partition: by its key, with the newest ones offered. */
export function PartitionPicker({
  asset,
  value,
  onChange,
  any,
}: {
  readonly asset: AssetDetails
  readonly value: string | undefined
  /** As the address holds it. */
  readonly onChange: (key: string | undefined) => void
  /** What is shown if none is chosen. */
  readonly any: string
}) {
  const list = useId()
  const [typed, setTyped] = useState(value ?? '')
  const [known, setKnown] = useState(value)
  if (known !== value) {
    setKnown(value)
    setTyped(value ?? '')
  }
  const newest = useAnswer('materializations', { asset: asset.asset, limit: 100 })
  if (asset.dimensions.length === 0) return null
  const keys = [...new Set((newest.data?.items ?? []).map(({ key }) => key))]
  const choose = (text: string): void => {
    if (text.trim() !== (value ?? '')) onChange(text.trim() === '' ? undefined : keyInAddress(text.trim()))
  }
  return (
    <form
      className="flex flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        choose(typed)
      }}
    >
      <label htmlFor={`${list}-key`} className="text-sm text-ink-soft">
        Partition
      </label>
      <TextInput
        id={`${list}-key`}
        list={list}
        value={typed}
        placeholder={any}
        onChange={(event) => {
          setTyped(event.target.value)
          if (keys.includes(event.target.value)) choose(event.target.value)
        }}
        onBlur={() => choose(typed)}
        className="w-96 font-mono"
      />
      <datalist id={list}>
        {keys.map((key) => (
          <option key={key} value={key} />
        ))}
      </datalist>
      {value !== undefined && <Button onClick={() => onChange(undefined)}>Newest</Button>}
    </form>
  )
}
