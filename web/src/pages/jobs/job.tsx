// One job: its progress and its results, grouped by equal answers. [live 7]

import { Empty } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'

export function JobPage() {
  return (
    <Page title="Job">
      <Empty title="Nothing here yet" />
    </Page>
  )
}
