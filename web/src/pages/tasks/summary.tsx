// Advanced Tasks, its first page: the agents there are. [live 6]

import { Empty } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'

export function TasksPage() {
  return (
    <Page title="Summary of all advanced tasks">
      <Empty title="Nothing here yet" />
    </Page>
  )
}
