// Control Puppet: disable and enable it, run it, see what it does. [live 5]

import { Alert } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { TaskAction, TaskAgent } from '#console/api/tasks.ts'
import { agentsQuery } from '../api/queries.ts'
import { countText } from '../components/format.ts'
import { TextLink } from '../components/link.tsx'
import { Mark } from '../components/mark.tsx'
import { Empty, ErrorState, Loading } from '../components/state.tsx'
import { visibleString } from '../components/visible-text.ts'
import { Page } from '../frame/page.tsx'
import { useNodeList, useSelection } from '../nodes/node-selection.tsx'
import { ActionForm } from '../tasks/action-form.tsx'
import { type ActionRowOf, ActionRows } from '../tasks/action-rows.tsx'
import { JobHere } from '../tasks/job-here.tsx'
import { RunAllForm } from '../tasks/run-all-form.tsx'
import styles from './puppet.module.css'

/** In this order, with what they are for in people's words. */
const ROWS: Readonly<Record<string, string>> = {
  disable: 'Puppet makes no more runs, until it is enabled again; the reason is shown to whoever tries',
  enable: 'Lifts it: Puppet runs again',
  last_run_summary: 'Figures of the last run: changes, failures, how long it took',
  runonce: 'Run Puppet now, on all selected nodes at once',
  status: 'Is it enabled, does it run, when did it run last',
}

export function PuppetPage() {
  const { job } = useSearch({ from: '/frame/live/puppet' })
  return job === undefined ? <Actions /> : <JobHere id={job} title="Control Puppet" />
}

function Actions() {
  const found = useQuery(agentsQuery)
  const { action: open } = useSearch({ from: '/frame/live/puppet' })
  const navigate = useNavigate()
  const onOpen = (action: string | undefined): void => {
    void navigate({ to: '.', search: (old: Record<string, unknown>) => ({ ...old, action }), replace: true } as never)
  }
  const agent = ['puppet', 'puppetd'].map((name) => found.data?.agents.find((one) => one.name === name)).find(Boolean)
  const rows = agent === undefined ? [] : rowsOf(agent)
  const [usual, others] = [rows.filter(isUsual), rows.filter((row) => !isUsual(row))]
  return (
    <Page
      title="Control Puppet"
      intro="What is run here is run on the nodes selected at the left. Every answer is asked from the nodes just then."
    >
      {found.data === undefined ? (
        found.error === null ? (
          <Loading>Asking what the agent can do ...</Loading>
        ) : (
          <ErrorState error={found.error} onRetry={() => void found.refetch()} />
        )
      ) : agent === undefined ? (
        <Empty title="The agent puppet is not installed here">
          Its DDL is missing beside the console: install the agent puppet to control Puppet.
        </Empty>
      ) : (
        <>
          <Disabled />
          <h2 className={styles.heading}>Available Actions</h2>
          <ActionRows label="Available actions" rows={usual} open={open} onOpen={onOpen} />
          {others.length === 0 ? null : (
            <>
              <h2 className={styles.heading}>Further Actions</h2>
              <ActionRows label="Further actions" rows={others} open={open} onOpen={onOpen} />
            </>
          )}
        </>
      )}
    </Page>
  )
}

const isUsual = ({ name }: ActionRowOf): boolean => name in ROWS || name === 'runall'

function rowsOf(agent: TaskAgent): readonly ActionRowOf[] {
  const rows = agent.actions.map(
    (action): ActionRowOf => ({
      name: action.name,
      description: ROWS[action.name] ?? action.description,
      inputs: action.inputs.length > 0,
      body: (close) => (
        <ActionForm
          key={action.name}
          agent={agent.name}
          action={action}
          onCancel={close}
          note={action.name === 'runonce' ? <Refusing /> : undefined}
        />
      ),
    }),
  )
  const runonce = agent.actions.find(({ name }) => name === 'runonce')
  if (runonce !== undefined && agent.name === 'puppet') rows.push(runAllRow(runonce))
  return rows.sort((a, b) => rank(a) - rank(b))
}

function rank({ name }: ActionRowOf): number {
  const at = [...Object.keys(ROWS).slice(0, 4), 'runall', 'status'].indexOf(name)
  return at < 0 ? 100 : at
}

function runAllRow(runonce: TaskAction): ActionRowOf {
  return {
    name: 'runall',
    description: 'Run Puppet on all selected nodes, never on more than so many at once',
    inputs: true,
    body: (close) => (
      <>
        <Refusing />
        <RunAllForm runonce={runonce} onCancel={close} />
      </>
    ),
  }
}

/** The selected nodes on which Puppet is disabled. */
function useDisabled() {
  const { nodes } = useSelection()
  const { rowOf } = useNodeList()
  return nodes.flatMap((name) => {
    const row = rowOf.get(name)
    return row?.state === 'disabled' ? [row] : []
  })
}

/** How many of the selected nodes will refuse, and why. */
function Refusing() {
  const disabled = useDisabled()
  if (disabled.length === 0) return null
  return (
    <Alert color="yellow" variant="light" p="sm" className={styles.refusing ?? ''}>
      Puppet is disabled on {countText(disabled.length, 'selected node')}: {disabled.length === 1 ? 'it' : 'they'} will
      refuse, and say why.
    </Alert>
  )
}

function Disabled() {
  const disabled = useDisabled()
  if (disabled.length === 0) return null
  const reasons = new Map<string, string[]>()
  for (const { name, disabledReason = '' } of disabled) {
    reasons.set(disabledReason, [...(reasons.get(disabledReason) ?? []), name])
  }
  const sorted = [...reasons].sort((a, b) => b[1].length - a[1].length)
  return (
    <section className={styles.disabled} aria-label="Puppet is disabled">
      <p className={styles.disabledTitle}>
        <Mark meaning="off" size={14} /> Puppet is disabled on {countText(disabled.length, 'selected node')}
      </p>
      <ul>
        {sorted.slice(0, 5).map(([reason, names]) => (
          <li key={reason}>
            <q>{reason === '' ? 'no reason given' : visibleString(reason.slice(0, 200))}</q>
            {' on '}
            {names.slice(0, 3).map((name, index) => (
              <span key={name}>
                {index === 0 ? '' : ', '}
                <TextLink to="/nodes/$name" params={{ name }} preload={false}>
                  {name}
                </TextLink>
              </span>
            ))}
            {names.length > 3 ? ` and ${countText(names.length - 3, 'more node')}` : ''}
          </li>
        ))}
        {sorted.length > 5 ? <li>and {countText(sorted.length - 5, 'more reason')}</li> : null}
      </ul>
    </section>
  )
}
