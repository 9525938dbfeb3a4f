import { useNavigate, useSearch } from '@tanstack/react-router'
import { Boxes, Play, SearchX, Workflow } from 'lucide-react'
import { useMemo, useState } from 'react'
import { messageOf, useAnswer } from '../../api/use-answer.ts'
import { Button, LinkButton } from '../../kit/button.tsx'
import { Choice, SearchInput } from '../../kit/fields.tsx'
import { counted } from '../../kit/format.ts'
import { Empty, Failure, Loading, Page } from '../../kit/page.tsx'
import { SelectionInput } from '../../kit/selection-input.tsx'
import { Table } from '../../kit/table.tsx'
import { useDelayed } from '../../kit/use-delayed.ts'
import { useOpenMake } from '../../make/open-make.tsx'
import { assetColumns } from './asset-columns.tsx'
import { FacetMenu } from './facet-menu.tsx'
import { chosenOf, countedValues, facetNames, layerOrder, narrowed } from './facets.ts'
import { LayerHead } from './layer-head.tsx'

const groups = { of: ({ layer }: { layer: string | null }) => layer ?? 'none', head: LayerHead }
const ungroupedColumns = assetColumns
const groupedColumns = assetColumns.filter(({ title }) => title !== 'Layer')

/** Every asset: found, narrowed, compared, and made. */
export function AssetsPage() {
  const search = useSearch({ strict: false })
  const navigate = useNavigate()
  const openMake = useOpenMake()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const set = (changed: Record<string, string | undefined>) =>
    void navigate({ to: '/assets', search: { ...search, ...changed }, replace: true })
  const { selection = '', q = '', view = 'layers' } = search
  const [typed, setTyped] = useDelayed(q, (text) => set({ q: text || undefined }), 120)
  const asked = { limit: 5_000, ...(selection && { selection }), ...(q && { q }) }
  const answer = useAnswer('assets', asked, { keep: true })
  const all = answer.data?.items
  const rows = useMemo(() => {
    const shown = narrowed(all ?? [], search)
    if (view !== 'layers') return shown
    return shown.toSorted((a, b) => layerOrder.indexOf(a.layer ?? 'none') - layerOrder.indexOf(b.layer ?? 'none'))
  }, [all, search, view])
  const isNarrowed = selection !== '' || q !== '' || facetNames.some((facet) => chosenOf(search, facet).length > 0)
  const wrongSelection = answer.error && selection !== '' ? messageOf(answer.error) : undefined
  const materialize = () => {
    const names = [...chosen].filter((name) => rows.some(({ asset }) => asset === name))
    openMake({ selection: names.map(quoted).join(', ') })
  }

  return (
    <Page
      title="Assets"
      fill
      actions={
        <>
          <LinkButton to="/graph" search={selection ? { selection } : {}} icon={Workflow}>
            Show as graph
          </LinkButton>
          <Button look="primary" icon={Play} disabled={chosen.size === 0} onClick={materialize}>
            Materialize…
          </Button>
        </>
      }
    >
      <div className="flex flex-wrap items-start gap-2">
        <SearchInput label="Search assets" value={typed} onChange={setTyped} isMain />
        <SelectionInput
          value={selection}
          onChange={(text) => set({ selection: text || undefined })}
          error={wrongSelection}
          className="min-w-72 flex-1"
        />
        <Choice
          label="Order of the list"
          value={view === 'flat' ? 'flat' : 'layers'}
          options={[
            ['layers', 'By layer'],
            ['flat', 'Flat'],
          ]}
          onChange={(chosen) => set({ view: chosen === 'flat' ? 'flat' : undefined })}
        />
      </div>
      <div className="-mt-1 flex flex-wrap items-center gap-1.5">
        {facetNames.map((facet) => (
          <FacetMenu
            key={facet}
            facet={facet}
            values={countedValues(narrowed(all ?? [], search, facet), facet)}
            chosen={chosenOf(search, facet)}
            onChange={(values) => set({ [facet]: values.join(',') || undefined })}
          />
        ))}
        {isNarrowed && (
          <Button
            look="quiet"
            className="h-7 text-xs"
            onClick={() => void navigate({ to: '/assets', search: view === 'flat' ? { view } : {}, replace: true })}
          >
            Show all
          </Button>
        )}
        <span role="status" className="tabular ml-auto text-xs text-ink-faint">
          {all &&
            (rows.length === all.length ? counted(rows.length, 'asset') : `${rows.length} of ${all.length} assets`)}
          {chosen.size > 0 && `, ${chosen.size} selected`}
        </span>
      </div>
      {answer.error && !wrongSelection && <Failure error={answer.error} retry={() => void answer.refetch()} />}
      {!all && !answer.error && <Loading />}
      {all && (
        <div className="min-h-48 flex-1 overflow-hidden rounded-lg border border-line bg-surface">
          <Table
            label="Assets"
            rows={rows}
            columns={view === 'flat' ? ungroupedColumns : groupedColumns}
            keyOf={({ asset }) => asset}
            rowHeight={46}
            onOpen={({ asset }) => void navigate({ to: '/assets/$asset', params: { asset } })}
            selection={{ chosen, onChange: setChosen }}
            {...(view !== 'flat' && { groups })}
            empty={
              isNarrowed ? (
                <Empty icon={SearchX} title="No asset fits">
                  Take a filter away, or show all of them.
                </Empty>
              ) : (
                <Empty icon={Boxes} title="No assets are defined yet">
                  Write one with <code className="font-mono">defineAsset</code>, list it in{' '}
                  <code className="font-mono">definitions({'{ assets }'})</code>, and start the server again.
                </Empty>
              )
            }
          />
        </div>
      )}
    </Page>
  )
}

/** A name as the language of selections reads it as that name and nothing else. */
const quoted = (name: string): string => (/^[a-z0-9_/]+$/i.test(name) ? name : `key:"${name.replaceAll('"', '\\"')}"`)
