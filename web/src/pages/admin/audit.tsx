// Who did what, when.

import { Empty } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'

export function AuditPage() {
  return (
    <Page title="Audit">
      <Empty title="Nothing here yet" />
    </Page>
  )
}
