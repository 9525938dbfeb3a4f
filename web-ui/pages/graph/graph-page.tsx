import { Empty, Page } from '../../kit/page.tsx'

export function GraphPage() {
  return (
    <Page title="Graph">
      <Empty title="Not there yet" />
    </Page>
  )
}
