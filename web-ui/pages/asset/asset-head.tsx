import { Clock, User } from 'lucide-react'
import { Chip, LayerChip } from '../../kit/page.tsx'
import { StatusBadge } from '../../kit/status.tsx'
import { Time } from '../../kit/time.tsx'
import type { AssetDetails } from './grid-cells.ts'

export function AssetHead({ asset }: { readonly asset: AssetDetails }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span className="truncate">{asset.asset}</span>
      <StatusBadge status={asset.health} />
      <LayerChip layer={asset.layer} />
    </span>
  )
}

export function AssetLead({ asset }: { readonly asset: AssetDetails }) {
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1.5">
      {asset.group !== asset.layer && <Chip title="Group">{asset.group}</Chip>}
      {asset.kinds.map((kind) => (
        <Chip key={kind} title="Kind">
          {kind}
        </Chip>
      ))}
      {Object.entries(asset.tags).map(([name, value]) => (
        <Chip key={name} title="Tag">
          {value === '' ? name : `${name}=${value}`}
        </Chip>
      ))}
      {asset.owners.map((owner) => (
        <Chip key={owner} title="Owner">
          <User size={11} aria-hidden /> {owner}
        </Chip>
      ))}
      {asset.freshness !== null && (
        <span
          className={`inline-flex items-center gap-1 text-xs ${asset.freshness === 'late' ? 'font-medium text-stale' : ''}`}
          title={asset.freshnessRule ?? undefined}
        >
          <Clock size={12} aria-hidden />
          {{ fresh: 'in time', late: 'late', unmade: 'never made' }[asset.freshness]}
        </span>
      )}
      {asset.lastPublishedAt !== null && (
        <span className="text-xs">
          published <Time at={asset.lastPublishedAt} />
        </span>
      )}
      <span className="text-xs">code version {asset.codeVersion}</span>
    </span>
  )
}
