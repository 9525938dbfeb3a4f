import { Empty, Page } from '../../kit/page.tsx'

export function MarketsPage() {
  return (
    <Page title="Markets">
      <Empty title="Not there yet" />
    </Page>
  )
}
