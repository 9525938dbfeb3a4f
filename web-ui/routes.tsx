/** Every page, its address, and what its address may hold. A page is loaded when it is first gone to, or pointed at. */

import { createRootRoute, createRoute, createRouter, Link, lazyRouteComponent } from '@tanstack/react-router'
import { Compass } from 'lucide-react'
import { Empty, Failure, Loading, Page } from './kit/page.tsx'
import { MakeProvider } from './make/open-make.tsx'
import { Shell } from './shell/shell.tsx'

/** What follows the `?`: text by name; pages read the names they know. */
export type Search = Readonly<Record<string, string | undefined>>

const textOnly = (search: Record<string, unknown>): Search =>
  Object.fromEntries(
    Object.entries(search)
      .filter(([, value]) => value !== undefined && value !== null && value !== '')
      .map(([name, value]) => [name, String(value)]),
  )

const root = createRootRoute({
  component: Shell,
  validateSearch: textOnly,
  notFoundComponent: () => (
    <Page title="Not found">
      <Empty icon={Compass} title="There is nothing at this address">
        It may have been mistyped, or be gone. Go to the{' '}
        <Link to="/" className="text-accent underline">
          overview
        </Link>
        .
      </Empty>
    </Page>
  ),
})

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/overview/overview-page.tsx'), 'OverviewPage'),
})
const assets = createRoute({
  getParentRoute: () => root,
  path: '/assets',
  component: lazyRouteComponent(() => import('./pages/assets/assets-page.tsx'), 'AssetsPage'),
})
const asset = createRoute({
  getParentRoute: () => root,
  path: '/assets/$asset',
  component: lazyRouteComponent(() => import('./pages/asset/asset-page.tsx'), 'AssetPage'),
})
const graph = createRoute({
  getParentRoute: () => root,
  path: '/graph',
  component: lazyRouteComponent(() => import('./pages/graph/graph-page.tsx'), 'GraphPage'),
})
const runs = createRoute({
  getParentRoute: () => root,
  path: '/runs',
  component: lazyRouteComponent(() => import('./pages/runs/runs-page.tsx'), 'RunsPage'),
})
const run = createRoute({
  getParentRoute: () => root,
  path: '/runs/$run',
  component: lazyRouteComponent(() => import('./pages/run/run-page.tsx'), 'RunPage'),
})
const automation = createRoute({
  getParentRoute: () => root,
  path: '/automation',
  component: lazyRouteComponent(() => import('./pages/automation/automation-page.tsx'), 'AutomationPage'),
})
const automated = createRoute({
  getParentRoute: () => root,
  path: '/automation/$name',
  component: lazyRouteComponent(() => import('./pages/automation/automated-page.tsx'), 'AutomatedPage'),
})
const sql = createRoute({
  getParentRoute: () => root,
  path: '/sql',
  component: lazyRouteComponent(() => import('./pages/sql/sql-page.tsx'), 'SqlPage'),
})
const markets = createRoute({
  getParentRoute: () => root,
  path: '/markets',
  component: lazyRouteComponent(() => import('./pages/markets/markets-page.tsx'), 'MarketsPage'),
})
const system = createRoute({
  getParentRoute: () => root,
  path: '/system',
  component: lazyRouteComponent(() => import('./pages/system/system-page.tsx'), 'SystemPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([overview, assets, asset, graph, runs, run, automation, automated, sql, markets, system]),
  InnerWrap: MakeProvider,
  defaultPreload: 'intent',
  defaultPendingComponent: () => <Loading />,
  defaultErrorComponent: ({ error, reset }) => (
    <Page title="Something went wrong">
      <Failure error={error} retry={reset} />
    </Page>
  ),
  scrollRestoration: true,
  scrollToTopSelectors: ['#main'],
  // Addresses that people read: plain text, not JSON.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const said = Object.entries(search as Search).filter(([, value]) => value !== undefined && value !== '')
    const text = new URLSearchParams(said as [string, string][]).toString()
    return text === '' ? '' : `?${text}`
  },
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
