import { readable } from './grid-cells.ts'

/** A partition key, part by part; the whole asset if it is not cut. */
export function PartitionKey({ of: key }: { readonly of: string }) {
  if (key === '') return <span className="text-ink-faint">the whole asset</span>
  return (
    <span title={key}>
      {key.split('/').map((part, index) => (
        <span key={part}>
          {index > 0 && <span className="text-ink-faint"> · </span>}
          {readable(part.slice(part.indexOf('=') + 1))}
        </span>
      ))}
    </span>
  )
}

/** An address can not hold an empty text: this stands for the key of an asset that is not cut. */
const whole = '-'
export const keyInAddress = (key: string): string => (key === '' ? whole : key)
export const keyFromAddress = (text: string | undefined): string | undefined => (text === whole ? '' : text)

/** How the key is said where partitions are asked for. */
export const keyAsPartitions = (key: string): string => (key === '' ? 'all' : key)
