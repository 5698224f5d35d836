// The first page: the fleet at a glance.

import { Empty } from '../components/state.tsx'
import { Page } from '../frame/page.tsx'

export function OverviewPage() {
  return (
    <Page title="Overview">
      <Empty title="Nothing here yet" />
    </Page>
  )
}
