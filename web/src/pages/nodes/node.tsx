// One node: what it says of itself just now, and its Puppet runs. [issue: node page; live 5, O15]

import { Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { isNotFound } from '../../api/error.ts'
import { nodeQuery } from '../../api/queries.ts'
import { IconArrowLeft } from '../../components/icons.ts'
import { LinkButton, TextLink } from '../../components/link.tsx'
import { meaningOfNodeState, wordOfNodeState } from '../../components/mark.tsx'
import { Pill } from '../../components/pill.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { visibleString } from '../../components/visible-text.ts'
import { Page } from '../../frame/page.tsx'
import { NodeInventory } from '../../node/node-inventory.tsx'
import { NodeRuns } from '../../node/node-runs.tsx'
import styles from './node.module.css'

export function NodePage() {
  const { name } = useParams({ from: '/frame/plain/nodes/$name' })
  const { tab } = useSearch({ from: '/frame/plain/nodes/$name' })
  const navigate = useNavigate({ from: '/nodes/$name' })
  const found = useQuery(nodeQuery(name))
  const row = found.data?.row
  const since = row?.missingSinceMs ?? row?.lastSeenMs
  return (
    <Page
      title={name}
      intro={
        row === undefined ? undefined : (
          <span className={styles.states}>
            <Pill meaning={meaningOfNodeState(row.state)}>{wordOfNodeState(row.state)}</Pill>
            {row.disabledReason === undefined || row.disabledReason === '' ? null : (
              <q>{visibleString(row.disabledReason.slice(0, 300))}</q>
            )}
            {since === undefined ? null : (
              <span>
                {row.missingSinceMs === undefined ? 'seen' : 'missing since'} <RelativeTime atMs={since} />
              </span>
            )}
            {row.version === undefined ? null : <span>Troupe {row.version}</span>}
            {row.neverRan === true ? <span>Puppet never ran on it</span> : null}
          </span>
        )
      }
      actions={
        isNotFound(found.error) ? undefined : (
          <>
            <LinkButton variant="default" to="/tasks" search={{ only: name }}>
              Run a task
            </LinkButton>
            <LinkButton variant="default" to="/puppet" search={{ only: name }}>
              Control Puppet
            </LinkButton>
            <LinkButton variant="default" to="/resources" search={{ only: name }}>
              Resources
            </LinkButton>
            <LinkButton variant="default" to="/jobs" search={{ node: name }}>
              Jobs
            </LinkButton>
          </>
        )
      }
      above={
        <TextLink to="/">
          <IconArrowLeft size={14} aria-hidden="true" /> Overview
        </TextLink>
      }
    >
      <Tabs
        value={tab ?? 'inventory'}
        onChange={(next) => void navigate({ search: next === 'runs' ? { tab: 'runs' } : {}, replace: true })}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="inventory">Inventory</Tabs.Tab>
          <Tabs.Tab value="runs">Puppet runs</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="inventory" pt="md">
          <NodeInventory name={name} />
        </Tabs.Panel>
        <Tabs.Panel value="runs" pt="md">
          <NodeRuns name={name} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
