// One node: asked just now, and its Puppet runs.

import { Empty } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'

export function NodePage() {
  return (
    <Page title="Node">
      <Empty title="Nothing here yet" />
    </Page>
  )
}
