import { useNavigate, useSearch } from '@tanstack/react-router'
import { FoldVertical, Play, Workflow } from 'lucide-react'
import { useCallback, useMemo } from 'react'
import { messageOf, useAnswer } from '../../api/use-answer.ts'
import { Button } from '../../kit/button.tsx'
import { Choice } from '../../kit/fields.tsx'
import { count, counted } from '../../kit/format.ts'
import { Empty, Failure, Loading, Page } from '../../kit/page.tsx'
import { SelectionInput } from '../../kit/selection-input.tsx'
import { useOpenMake } from '../../make/open-make.tsx'
import { DetailsPanel } from './details-panel.tsx'
import { GraphCanvas } from './graph-canvas.tsx'
import { GraphLegend } from './graph-legend.tsx'
import { GraphList } from './graph-list.tsx'
import { shapeOf } from './shape.ts'
import { useLayout } from './use-layout.ts'

/** What reads what, and how it all is right now. */
export function GraphPage() {
  const search = useSearch({ strict: false })
  const navigate = useNavigate()
  const openMake = useOpenMake()
  const { selection = '', focus, group, view, turned = '' } = search
  const set = useCallback(
    (changed: Record<string, string | undefined>) =>
      void navigate({ to: '/graph', search: (before: object) => ({ ...before, ...changed }), replace: true }),
    [navigate],
  )
  const answer = useAnswer('graph', selection ? { selection } : {}, { keep: true })
  const pulseAnswer = useAnswer('assets', { limit: 5_000 })
  const pulses = useMemo(
    () => new Map((pulseAnswer.data?.items ?? []).map((row) => [row.asset, row])),
    [pulseAnswer.data],
  )
  const graph = answer.data
  const turnedSet = useMemo(() => new Set(turned.split('|').filter(Boolean)), [turned])
  const shape = useMemo(() => graph && shapeOf(graph, turnedSet), [graph, turnedSet])
  const placed = useLayout(shape)
  const turn = (frame: string): void => {
    const next = new Set(turnedSet)
    if (!next.delete(frame)) next.add(frame)
    set({ turned: [...next].join('|') || undefined, group: next.has(frame) ? frame : undefined })
  }
  const isKnown = focus !== undefined && graph?.nodes.some(({ asset }) => asset === focus)
  const wrongSelection = answer.error && selection !== '' ? messageOf(answer.error) : undefined

  return (
    <Page
      title="Graph"
      fill
      actions={
        <>
          <Choice
            label="Shown as"
            value={view === 'list' ? 'list' : 'graph'}
            options={[
              ['graph', 'Graph'],
              ['list', 'List'],
            ]}
            onChange={(chosen) => set({ view: chosen === 'list' ? 'list' : undefined })}
          />
          <Button icon={Play} onClick={() => openMake({ selection: selection || '*' })}>
            Materialize {selection ? 'these' : 'all'}…
          </Button>
        </>
      }
    >
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <SelectionInput
          value={selection}
          onChange={(text) => set({ selection: text || undefined, group: undefined, turned: undefined })}
          error={wrongSelection}
          isMain
          className="min-w-72 flex-1"
        />
        <GraphLegend />
        <span role="status" className="tabular py-1.5 text-xs text-ink-faint">
          {graph && sizeInWords(graph.nodes)}
        </span>
        {turned !== '' && (
          <Button look="quiet" icon={FoldVertical} onClick={() => set({ turned: undefined, group: undefined })}>
            Fold as at first
          </Button>
        )}
      </div>
      {answer.error && !wrongSelection && <Failure error={answer.error} retry={() => void answer.refetch()} />}
      {!graph && !answer.error && <Loading />}
      {graph && graph.nodes.length === 0 && (
        <Empty icon={Workflow} title="No assets are defined yet">
          Write one with <code className="font-mono">defineAsset</code>, list it in{' '}
          <code className="font-mono">definitions({'{ assets }'})</code>, and start the server again.
        </Empty>
      )}
      {graph && graph.nodes.length > 0 && view === 'list' && <GraphList graph={graph} pulses={pulses} />}
      {graph && graph.nodes.length > 0 && view !== 'list' && (
        <div className="flex min-h-64 flex-1 gap-3">
          <div className="min-w-0 flex-1 overflow-hidden rounded-lg border border-line">
            {placed ? (
              <GraphCanvas
                placed={placed}
                pulses={pulses}
                focus={focus}
                frame={group}
                onFocus={(id) => set({ focus: id })}
                onOpen={(asset) => void navigate({ to: '/assets/$asset', params: { asset } })}
                onTurn={turn}
                onFrame={(frame) => set({ group: frame })}
              />
            ) : (
              <Loading what="Laying out" />
            )}
          </div>
          {focus !== undefined && isKnown && (
            <DetailsPanel
              asset={focus}
              pulses={pulses}
              onFocus={(asset) => set({ focus: asset })}
              onSelect={(chosen) => set({ selection: chosen, group: undefined, turned: undefined })}
            />
          )}
        </div>
      )}
    </Page>
  )
}

/** Those that are meant; what is next to them is shown as well. */
function sizeInWords(nodes: readonly { readonly isSelected: boolean }[]): string {
  const beside = nodes.filter(({ isSelected }) => !isSelected).length
  return `${counted(nodes.length - beside, 'asset')}${beside > 0 ? `, ${count(beside)} next to them` : ''}`
}
