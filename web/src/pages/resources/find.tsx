// Manage Resources, one resource: its variants side by side, and cloning. [live 3.5, 4]

import { Empty } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'

export function FindResourcePage() {
  return (
    <Page title="Resource">
      <Empty title="Nothing here yet" />
    </Page>
  )
}
