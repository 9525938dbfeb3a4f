import { useState } from 'react'
import { useCommand } from '../../api/use-answer.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Field, TextInput } from '../../kit/fields.tsx'
import { counted } from '../../kit/format.ts'
import { Failure } from '../../kit/page.tsx'
import { useAddress } from '../../kit/use-address.ts'
import type { AssetDetails } from './grid-cells.ts'
import { keyAsPartitions, keyFromAddress } from './partition-key.tsx'

/** Forgets what is published of some partitions. All of them want the name of the asset typed. */
export function WipeDialog({ asset, onClose }: { readonly asset: AssetDetails; readonly onClose: () => void }) {
  const [address] = useAddress()
  const key = keyFromAddress(address.key)
  const [partitions, setPartitions] = useState(key === undefined ? (address.partitions ?? '') : keyAsPartitions(key))
  const [name, setName] = useState('')
  const wipe = useCommand('wipe')
  const isAll = partitions.trim() === 'all'
  const isReady = partitions.trim() !== '' && (!isAll || name === asset.asset)
  const done = wipe.data
  return (
    <Dialog
      title={`Wipe ${asset.asset}`}
      lead="What is published is forgotten, and is missing then. Its history stays, and so do the files until they are cleaned up."
      open
      onClose={onClose}
      actions={
        done ? (
          <Button look="primary" onClick={onClose}>
            Close
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>Keep it as it is</Button>
            <Button
              look="danger"
              busy={wipe.isPending}
              disabled={!isReady}
              onClick={() => wipe.mutate({ asset: asset.asset, partitions: partitions.trim() })}
            >
              Wipe
            </Button>
          </>
        )
      }
    >
      {done ? (
        <p role="status" className="text-sm">
          {counted(done.wiped, 'partition')} wiped.
          {done.held > 0 &&
            ` ${counted(done.held, 'partition')} ${done.held === 1 ? 'is' : 'are'} being made, and left as they are.`}
        </p>
      ) : (
        <div className="flex flex-col gap-3">
          <Field
            label="Partitions"
            hint="A key, a range such as 2024-01-01..2024-01-31, several apart by commas, or all"
          >
            {(id) => (
              <TextInput
                id={id}
                value={partitions}
                placeholder="2024-01-01..2024-01-31"
                onChange={(event) => setPartitions(event.target.value)}
                className="font-mono"
              />
            )}
          </Field>
          {isAll && (
            <Field label={`Type ${asset.asset} to wipe all of it`}>
              {(id) => (
                <TextInput
                  id={id}
                  value={name}
                  onChange={(event) => setName(event.target.value)}
                  className="font-mono"
                />
              )}
            </Field>
          )}
          {wipe.error && <Failure error={wipe.error} />}
        </div>
      )}
    </Dialog>
  )
}
