// The node list beside the three tabs: filter, what is to be said about it, counter, rows, the active node, the same for the command line. [live 2]

import { Button, Loader } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { sentenceOf } from '../api/error.ts'
import { nodesText } from '../components/format.ts'
import { TextButton } from '../components/text-button.tsx'
import { FilterForm } from './filter-form.tsx'
import styles from './node-list.module.css'
import { NodeRows } from './node-rows.tsx'
import { useNodeList } from './node-selection.tsx'
import { NodeStrip } from './node-strip.tsx'
import { ALL, NONE } from './selection.ts'
import { SelectionCount } from './selection-count.tsx'

export function NodeList() {
  const { matching, loading, listError, filter } = useNodeList()
  const [active, setActive] = useState<string>()
  const navigate = useNavigate()
  return (
    <div className={styles.list}>
      <FilterForm />
      <Notes />
      <Counter />
      {loading ? (
        <ListSkeleton />
      ) : matching.length === 0 ? (
        <NoNodes failed={listError !== undefined} />
      ) : (
        <NodeRows
          key={JSON.stringify(filter)}
          active={active}
          onActive={setActive}
          onOpen={(name) => void navigate({ to: '/nodes/$name', params: { name } })}
        />
      )}
      <NodeStrip name={active} />
    </div>
  )
}

function Counter() {
  const { matching, selected, total, settling, loading, setSelection } = useNodeList()
  const allChosen = selected.length === matching.length
  return (
    <div className={styles.counter}>
      <div className={styles.count} role="status">
        <SelectionCount selected={selected.length} total={total} />
        {settling || loading ? <Loader size={14} type="oval" aria-label="Asking" /> : null}
      </div>
      <div className={styles.select}>
        <TextButton disabled={allChosen} onClick={() => setSelection(ALL)}>
          Select all
        </TextButton>
        <span aria-hidden="true">•</span>
        <TextButton disabled={selected.length === 0} onClick={() => setSelection(NONE)}>
          Select none
        </TextButton>
      </div>
    </div>
  )
}

/** What must be known about the list: errors, nodes that could not be decided, a selection that is not here. */
function Notes() {
  const { listError, matchError, undecided, selectionLost, setSelection, retry, rows } = useNodeList()
  return (
    <>
      {listError !== undefined && rows.length > 0 ? (
        <Note action={<RetryButton onRetry={retry} />}>The list could not be refreshed: {sentenceOf(listError)}</Note>
      ) : null}
      {matchError === undefined ? null : (
        <Note action={<RetryButton onRetry={retry} />}>The filter could not be used: {sentenceOf(matchError)}</Note>
      )}
      {undecided.length === 0 ? null : (
        <Note>
          {nodesText(undecided.length)} left out: what the filter asks for is not known of{' '}
          {undecided.length === 1 ? 'it' : 'them'}.
        </Note>
      )}
      {selectionLost ? (
        <Note
          action={
            <TextButton tone="text" underline="always" onClick={() => setSelection(ALL)}>
              Select all
            </TextButton>
          }
        >
          This address stands for nodes picked by hand in another browser or tab, so none is selected here.
        </Note>
      ) : null}
    </>
  )
}

function Note({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.note} role="status">
      <span>{children}</span>
      {action === undefined ? null : <span className={styles.noteAction}>{action}</span>}
    </div>
  )
}

function RetryButton({ onRetry }: { onRetry: () => void }) {
  return (
    <TextButton tone="text" underline="always" onClick={onRetry}>
      Try again
    </TextButton>
  )
}

function NoNodes({ failed }: { failed: boolean }) {
  const { total, listError, filtering, setFilter, retry } = useNodeList()
  return (
    <div className={styles.none}>
      {failed && total === 0 ? (
        <>
          <p>The node list is not to be had: {sentenceOf(listError)}</p>
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        </>
      ) : filtering ? (
        <>
          <p>No node matches.</p>
          <Button size="xs" variant="default" onClick={() => setFilter({})}>
            Reset filter
          </Button>
        </>
      ) : (
        <p>No node is known yet. A node appears here as soon as its mcollectived has connected.</p>
      )}
    </div>
  )
}

function ListSkeleton() {
  return (
    <div className={styles.skeleton} role="status" aria-label="Loading the node list">
      {[72, 58, 80, 66, 74, 52, 78, 62].map((width) => (
        <span key={width} style={{ width: `${width}%` }} />
      ))}
    </div>
  )
}
