import {
  Boxes,
  CheckCheck,
  Columns3,
  Copy,
  DatabaseZap,
  GitFork,
  Grid3x3,
  History,
  PackageCheck,
  Play,
  Plus,
  ScrollText,
  Table2,
  Workflow,
} from 'lucide-react'
import { useAnswer } from '../api/use-answer.ts'
import { useOpenMake } from '../make/open-make.tsx'
import type { InPalette } from './palette-item.tsx'
import { fits, Group, Item } from './palette-item.tsx'

/** What can be done with one asset, and where more of it is told. */
export function AssetActions({ asset, typed, then, navigate }: InPalette & { readonly asset: string }) {
  const openMake = useOpenMake()
  const details = useAnswer('asset', { asset }).data
  const tab = (tab: string) => () => navigate({ to: '/assets/$asset', params: { asset }, search: { tab } })
  const makes = [
    { name: 'Materialize what is needed…', icon: Plus, act: () => openMake({ selection: asset, mode: 'needed' }) },
    { name: 'Materialize all again…', icon: Play, act: () => openMake({ selection: asset, mode: 'all' }) },
    { name: 'Materialize it and what it reads…', icon: Play, act: () => openMake({ selection: `+${asset}` }) },
  ]
  const looks = [
    { name: 'Open', icon: Boxes, act: () => navigate({ to: '/assets/$asset', params: { asset } }) },
    { name: 'Partitions', icon: Grid3x3, act: tab('partitions') },
    { name: 'Materializations', icon: PackageCheck, act: tab('materializations') },
    { name: 'Checks', icon: CheckCheck, act: tab('checks') },
    { name: 'Lineage', icon: GitFork, act: tab('lineage') },
    { name: 'Events', icon: ScrollText, act: tab('events') },
    { name: 'Schema', icon: Columns3, act: tab('schema') },
    { name: 'Preview', icon: Table2, act: tab('preview') },
    {
      name: 'In the graph',
      icon: Workflow,
      act: () => navigate({ to: '/graph', search: { selection: `+${asset}+`, focus: asset } }),
    },
    { name: 'Its runs', icon: History, act: () => navigate({ to: '/runs', search: { asset } }) },
    {
      name: 'Query in SQL',
      icon: DatabaseZap,
      act: () => navigate({ to: '/sql', search: { q: details?.viewSql ?? `select * from ${asset} limit 100` } }),
    },
    { name: 'Copy its name', icon: Copy, act: () => navigator.clipboard.writeText(asset) },
  ]
  const groups = [
    { heading: 'Do', items: details?.isExternal ? [] : makes },
    { heading: 'Look', items: looks },
  ]
  return groups.map(({ heading, items }) => {
    const found = items.filter(({ name }) => fits(name, typed))
    return (
      found.length > 0 && (
        <Group key={heading} heading={heading}>
          {found.map(({ name, icon, act }) => (
            <Item key={name} value={`do ${name}`} icon={icon} onSelect={then(act)}>
              {name}
            </Item>
          ))}
        </Group>
      )
    )
  })
}
