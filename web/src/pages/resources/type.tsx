// Manage Resources, one type: what there is on the selected nodes. [live 3.2, 3.3]

import { Empty } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'

export function ResourceTypePage() {
  return (
    <Page title="Resources">
      <Empty title="Nothing here yet" />
    </Page>
  )
}
