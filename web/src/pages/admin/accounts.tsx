// Who may sign in, and as what.

import { Empty } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'

export function AccountsPage() {
  return (
    <Page title="Accounts">
      <Empty title="Nothing here yet" />
    </Page>
  )
}
