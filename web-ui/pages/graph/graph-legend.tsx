import type { Status } from '../../kit/status.tsx'
import { fillTone, looks } from '../../kit/status.tsx'

const shown = ['healthy', 'incomplete', 'running', 'failing', 'unmade'] as const satisfies readonly Status[]
const words: Partial<Record<Status, string>> = { incomplete: 'late or incomplete' }

export function GraphLegend() {
  return (
    <ul aria-label="Colours" className="flex flex-wrap items-center gap-x-3 py-1.5 text-xs text-ink-faint">
      {shown.map((status) => (
        <li key={status} className="flex items-center gap-1.5">
          <span aria-hidden className={`size-2.5 rounded-sm ${fillTone[looks[status].tone]}`} />
          {words[status] ?? looks[status].word}
        </li>
      ))}
    </ul>
  )
}
