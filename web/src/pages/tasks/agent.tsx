// The actions of one agent as forms made from its DDL. [live 6]

import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { nodesText } from '../../components/format.ts'
import { TextLink } from '../../components/link.tsx'
import { Empty } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'
import { ActionForm } from '../../tasks/action-form.tsx'
import { ActionRows } from '../../tasks/action-rows.tsx'
import { JobHere } from '../../tasks/job-here.tsx'
import { TaskColumns } from '../../tasks/task-columns.tsx'

export function TaskAgentPage() {
  // Both addresses, with and without an open row, are this page.
  const { agent: name = '', action: open } = useParams({ strict: false })
  const { job } = useSearch({ strict: false })
  const navigate = useNavigate()
  const onOpen = (action: string | undefined): void => {
    void (action === undefined
      ? navigate({ to: '/tasks/$agent', params: { agent: name }, replace: true })
      : navigate({ to: '/tasks/$agent/$action', params: { agent: name, action }, replace: true }))
  }
  return (
    <TaskColumns title={`${name} task`}>
      {({ agents }) => {
        const agent = agents.find((one) => one.name === name)
        if (agent === undefined) {
          return (
            <Page title={`${name} task`}>
              <Empty title={`There is no agent ${name} here`} action={<TextLink to="/tasks">All agents</TextLink>}>
                It is not installed beside the console, or has a tab of its own.
              </Empty>
            </Page>
          )
        }
        if (job !== undefined && open !== undefined) return <JobHere id={job} title={`${name} ${open}`} />
        return (
          <Page
            title={`${name} task`}
            heading={
              <>
                <b>{name}</b> task
              </>
            }
            intro={`${agent.description.replace(/\.?$/, '.')}${
              agent.nodes === undefined ? '' : ` Installed on ${nodesText(agent.nodes)}.`
            }`}
          >
            <h2 className="visually-hidden">Available Actions</h2>
            <ActionRows
              label="Available actions"
              open={open}
              onOpen={onOpen}
              rows={agent.actions.map((action) => ({
                name: action.name,
                description: action.description,
                inputs: action.inputs.length > 0,
                body: (close) => <ActionForm key={action.name} agent={name} action={action} onCancel={close} />,
              }))}
            />
          </Page>
        )
      }}
    </TaskColumns>
  )
}
