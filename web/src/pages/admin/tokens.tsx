// Tokens for scripts: made, listed, revoked; a secret is shown once.

import { Empty } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'

export function TokensPage() {
  return (
    <Page title="API tokens">
      <Empty title="Nothing here yet" />
    </Page>
  )
}
