import { Empty, Page } from '../../kit/page.tsx'

export function SystemPage() {
  return (
    <Page title="System">
      <Empty title="Not there yet" />
    </Page>
  )
}
