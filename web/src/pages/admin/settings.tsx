// What administrators can change while the console runs.

import { Empty } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'

export function SettingsPage() {
  return (
    <Page title="Settings">
      <Empty title="Nothing here yet" />
    </Page>
  )
}
