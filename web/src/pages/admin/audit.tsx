// The audit: who did what, when, from where.

import { Empty } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'

export function AuditPage() {
  return (
    <Page title="Audit">
      <Empty title="Nothing here yet" />
    </Page>
  )
}
