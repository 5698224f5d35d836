// Below the rows: the node under the keyboard or the pointer's last click, in a line or two, and the way to its page. Otherwise the age of the list.

import { ActionIcon, Tooltip } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { call } from '../api/client.ts'
import { isSignedOut, sentenceOf } from '../api/error.ts'
import { nodesQuery } from '../api/queries.ts'
import { countText } from '../components/format.ts'
import { IconRefresh } from '../components/icons.ts'
import { TextLink } from '../components/link.tsx'
import { Mark, meaningOfNodeState, wordOfNodeState } from '../components/mark.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { visibleString } from '../components/visible-text.ts'
import styles from './node-list.module.css'
import { useNodeList } from './node-selection.tsx'
import { SameInWords } from './same-in-words.tsx'

export function NodeStrip({ name }: { name: string | undefined }) {
  const { rowOf, rows, asOfMs } = useNodeList()
  const row = name === undefined ? undefined : rowOf.get(name)
  if (row === undefined) {
    const away = rows.filter((one) => one.state === 'silent' || one.state === 'lost').length
    return (
      <Strip>
        <span>{away === 0 ? 'Every node answers' : `${countText(away, 'node')} not answering`}</span>
        {asOfMs === undefined ? null : (
          <span className={styles.stripNote}>
            <RelativeTime atMs={asOfMs} />
          </span>
        )}
      </Strip>
    )
  }
  const since = row.missingSinceMs ?? row.lastSeenMs
  return (
    <Strip>
      <TextLink to="/nodes/$name" params={{ name: row.name }} className={styles.stripName ?? ''} preload={false}>
        {row.name}
      </TextLink>
      <span className={styles.stripNote}>
        <Mark meaning={meaningOfNodeState(row.state)} size={10} /> {wordOfNodeState(row.state)}
        {row.disabledReason === undefined ? '' : `: ${visibleString(row.disabledReason.slice(0, 200))}`}
        {since === undefined ? '' : ', '}
        {since === undefined ? null : <RelativeTime atMs={since} />}
        {row.version === undefined ? '' : `, version ${row.version}`}
      </span>
    </Strip>
  )
}

function Strip({ children }: { children: ReactNode }) {
  return (
    <div className={styles.strip}>
      <div className={styles.stripWords}>{children}</div>
      <RefreshButton />
      <SameInWords />
    </div>
  )
}

/** Asks the keeper of the roster, or the nodes, for the list anew. */
function RefreshButton() {
  const cache = useQueryClient()
  const refresh = useMutation({
    mutationFn: () => call('POST /api/nodes/refresh', { body: {} }),
    onSuccess: (list) => {
      cache.setQueryData(nodesQuery.queryKey, list)
      void cache.invalidateQueries({ queryKey: ['nodes', 'match'] })
    },
    onError: (error) => {
      if (!isSignedOut(error)) notifications.show({ color: 'red', message: sentenceOf(error) })
    },
  })
  return (
    <Tooltip label="Ask for the list anew">
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label="Ask for the list anew"
        loading={refresh.isPending}
        onClick={() => refresh.mutate()}
      >
        <IconRefresh size={17} aria-hidden="true" />
      </ActionIcon>
    </Tooltip>
  )
}
