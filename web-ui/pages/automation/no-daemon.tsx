import { TriangleAlert } from 'lucide-react'
import { CopyButton } from '../../kit/button.tsx'

/** Schedules that are on, and nobody to tick them. */
export function NoDaemon() {
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg border border-stale-fill/50 bg-stale-soft px-4 py-2.5 text-sm text-stale"
    >
      <TriangleAlert size={16} aria-hidden className="shrink-0" />
      <p className="min-w-64 flex-1">Nothing ticks: no process is up that follows schedules, sensors and conditions.</p>
      <span className="inline-flex items-center gap-1">
        Start one: <code className="font-mono">bullion up</code>
        <CopyButton text="bullion up" label="Copy the command" />
      </span>
      <span className="inline-flex items-center gap-1">
        or <code className="font-mono">bullion daemon</code>
        <CopyButton text="bullion daemon" label="Copy the command" />
      </span>
    </div>
  )
}
