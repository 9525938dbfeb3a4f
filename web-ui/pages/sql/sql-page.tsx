import { Empty, Page } from '../../kit/page.tsx'

export function SqlPage() {
  return (
    <Page title="SQL">
      <Empty title="Not there yet" />
    </Page>
  )
}
