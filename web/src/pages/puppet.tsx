// Control Puppet: its actions, and their results. [live 5]

import { Empty } from '../components/state.tsx'
import { Page } from '../frame/page.tsx'

export function PuppetPage() {
  return (
    <Page title="Control Puppet">
      <Empty title="Nothing here yet" />
    </Page>
  )
}
