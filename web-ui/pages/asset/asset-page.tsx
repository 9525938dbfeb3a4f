import { Empty, Page } from '../../kit/page.tsx'

export function AssetPage() {
  return (
    <Page title="Asset">
      <Empty title="Not there yet" />
    </Page>
  )
}
