// The node list beside the three tabs: filter, counter, rows. [live 2]

import { Loading } from '../components/state.tsx'
import { useNodeList } from './node-selection.tsx'
import { SelectionCount } from './selection-count.tsx'

export function NodeList() {
  const { selected, total, loading, matching } = useNodeList()
  if (loading) return <Loading>Loading the node list ...</Loading>
  return (
    <div>
      <SelectionCount selected={selected.length} total={total} />
      {matching.slice(0, 50).map((name) => (
        <div key={name}>{name}</div>
      ))}
    </div>
  )
}
