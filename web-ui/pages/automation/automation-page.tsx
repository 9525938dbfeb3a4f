import { Empty, Page } from '../../kit/page.tsx'

export function AutomationPage() {
  return (
    <Page title="Automation">
      <Empty title="Not there yet" />
    </Page>
  )
}
