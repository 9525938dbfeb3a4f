import type { LucideIcon } from 'lucide-react'
import {
  Boxes,
  CandlestickChart,
  CirclePlay,
  Clock,
  DatabaseZap,
  LayoutDashboard,
  Server,
  Workflow,
} from 'lucide-react'

/** The pages of the menu, in its order; `keys` typed one after the other lead there. */
export const places = [
  { name: 'Overview', to: '/', keys: 'g o', icon: LayoutDashboard },
  { name: 'Assets', to: '/assets', keys: 'g a', icon: Boxes },
  { name: 'Graph', to: '/graph', keys: 'g g', icon: Workflow },
  { name: 'Runs', to: '/runs', keys: 'g r', icon: CirclePlay },
  { name: 'Automation', to: '/automation', keys: 'g t', icon: Clock },
  { name: 'SQL', to: '/sql', keys: 'g s', icon: DatabaseZap },
  { name: 'Markets', to: '/markets', keys: 'g m', icon: CandlestickChart },
  { name: 'System', to: '/system', keys: 'g y', icon: Server },
] as const satisfies readonly { name: string; to: string; keys: string; icon: LucideIcon }[]
