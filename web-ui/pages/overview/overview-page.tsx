import { Empty, Page } from '../../kit/page.tsx'

export function OverviewPage() {
  return (
    <Page title="Overview">
      <Empty title="Not there yet" />
    </Page>
  )
}
