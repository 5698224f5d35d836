// The last Puppet runs of all nodes.

import { Empty } from '../components/state.tsx'
import { Page } from '../frame/page.tsx'

export function ReportsPage() {
  return (
    <Page title="Reports">
      <Empty title="Nothing here yet" />
    </Page>
  )
}
