// Advanced Tasks, one agent: its actions as forms; the address may name one of them. [live 6]

import { Empty } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'

export function TaskAgentPage() {
  return (
    <Page title="Task">
      <Empty title="Nothing here yet" />
    </Page>
  )
}
