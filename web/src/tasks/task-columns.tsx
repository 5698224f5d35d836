// The narrow column of Advanced Tasks: the summary, then the agents there are. New ones appear by themselves. [live 6]

import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { TaskAgent, TaskAgents } from '#console/api/tasks.ts'
import { agentsQuery } from '../api/queries.ts'
import { Columns } from '../components/columns.tsx'
import { ErrorState, Loading } from '../components/state.tsx'
import { Page } from '../frame/page.tsx'

export interface TaskShelf {
  readonly all: TaskAgents
  /** Those of this tab, by name. */
  readonly agents: readonly TaskAgent[]
}

export function TaskColumns({ title, children }: { title: string; children: (shelf: TaskShelf) => ReactNode }) {
  const found = useQuery(agentsQuery)
  const shelf = found.data === undefined ? undefined : shelfOf(found.data)
  return (
    <Columns
      label="Agents"
      links={[
        { label: 'Summary', link: { to: '/tasks' }, exact: true },
        ...(shelf?.agents ?? []).map(({ name }) => ({
          label: name,
          link: { to: '/tasks/$agent', params: { agent: name } } as const,
        })),
      ]}
    >
      {shelf !== undefined ? (
        children(shelf)
      ) : (
        <Page title={title}>
          {found.error === null ? (
            <Loading>Asking which agents there are ...</Loading>
          ) : (
            <ErrorState error={found.error} onRetry={() => void found.refetch()} />
          )}
        </Page>
      )}
    </Columns>
  )
}

function shelfOf(all: TaskAgents): TaskShelf {
  const advanced = new Set(all.advanced)
  return { all, agents: all.agents.filter(({ name }) => advanced.has(name)) }
}
