import { Empty, Page } from '../../kit/page.tsx'

export function RunPage() {
  return (
    <Page title="Run">
      <Empty title="Not there yet" />
    </Page>
  )
}
