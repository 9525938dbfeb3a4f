import { Empty, Page } from '../../kit/page.tsx'

export function RunsPage() {
  return (
    <Page title="Runs">
      <Empty title="Not there yet" />
    </Page>
  )
}
