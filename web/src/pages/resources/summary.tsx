// Manage Resources, its first page: how similar the nodes are, by type. [live 3.1]

import { Empty } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'

export function ResourcesPage() {
  return (
    <Page title="Summary of all resource types">
      <Empty title="Nothing here yet" />
    </Page>
  )
}
