import { Empty, Page } from '../../kit/page.tsx'

export function AutomatedPage() {
  return (
    <Page title="Automation">
      <Empty title="Not there yet" />
    </Page>
  )
}
