import { Boxes, Play, Workflow } from 'lucide-react'
import { useAnswer } from '../../api/use-answer.ts'
import { Button, CopyButton, LinkButton } from '../../kit/button.tsx'
import { counted } from '../../kit/format.ts'
import { Panel } from '../../kit/page.tsx'
import { useOpenMake } from '../../make/open-make.tsx'

const commands = [
  ['bullion up', 'starts schedules, sensors and a worker, and keeps them up'],
  ['bullion materialize <asset>', 'makes what is missing of one asset, and tells how far it is'],
  ['bullion demo', 'makes all of it once, on data that is shipped along'],
] as const

/** Where nothing was ever made: what to do first. */
export function Begin() {
  const openMake = useOpenMake()
  const assets = useAnswer('assets', { limit: 5_000 })
  const known = assets.data?.items.length
  return (
    <div className="mx-auto flex w-full max-w-3xl flex-col gap-6 py-10">
      <div className="text-center">
        <h2 className="text-xl font-semibold tracking-tight">Nothing is made yet</h2>
        <p className="mx-auto mt-1.5 max-w-lg text-ink-soft">
          {known === undefined ? 'Your assets are' : `${counted(known, 'asset')} ${known === 1 ? 'is' : 'are'}`} defined
          and wait to be made. Choose some, see what would be done, and start.
        </p>
        <div className="mt-5 flex flex-wrap justify-center gap-2">
          <Button look="primary" icon={Play} onClick={() => openMake({})}>
            Materialize…
          </Button>
          <LinkButton to="/graph" icon={Workflow}>
            See how they depend on each other
          </LinkButton>
          <LinkButton to="/assets" icon={Boxes}>
            Look through the assets
          </LinkButton>
        </div>
      </div>
      <Panel title="Or from a terminal" flush>
        <ul className="divide-y divide-line/70">
          {commands.map(([command, what]) => (
            <li key={command} className="flex items-center gap-3 px-4 py-2.5 text-sm">
              <code className="font-mono text-accent">{command}</code>
              <span className="min-w-0 flex-1 text-ink-faint">{what}</span>
              <CopyButton text={command} label={`Copy ${command}`} />
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  )
}
