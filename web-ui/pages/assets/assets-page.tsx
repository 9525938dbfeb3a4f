import { Empty, Page } from '../../kit/page.tsx'

export function AssetsPage() {
  return (
    <Page title="Assets">
      <Empty title="Not there yet" />
    </Page>
  )
}
