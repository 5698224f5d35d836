// What was done, by whom, where, with which outcome.

import { Empty } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'

export function JobsPage() {
  return (
    <Page title="Jobs">
      <Empty title="Nothing here yet" />
    </Page>
  )
}
