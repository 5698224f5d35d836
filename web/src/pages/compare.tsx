// Two nodes, or two groups of nodes, side by side.

import { Empty } from '../components/state.tsx'
import { Page } from '../frame/page.tsx'

export function ComparePage() {
  return (
    <Page title="Compare">
      <Empty title="Nothing here yet" />
    </Page>
  )
}
