// Advanced Tasks: which agents there are and what they are for. [live 6]

import { countText, nodesText } from '../../components/format.ts'
import { TextLink } from '../../components/link.tsx'
import { Mark } from '../../components/mark.tsx'
import { Empty } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'
import { TaskColumns } from '../../tasks/task-columns.tsx'
import styles from './summary.module.css'

export function TasksPage() {
  return (
    <TaskColumns title="Summary of all advanced tasks">
      {({ agents, all: { broken } }) => (
        <Page
          title="Summary of all advanced tasks"
          intro="Every action of every agent installed beside the console, as a form. An agent installed later appears here by itself."
        >
          {agents.length === 0 ? (
            <Empty title="No agents">Install agents, or their DDLs, beside the console.</Empty>
          ) : (
            <ul className={styles.agents}>
              {agents.map(({ name, description, actions, version, nodes }) => (
                <li key={name} className={styles.agent}>
                  <TextLink to="/tasks/$agent" params={{ agent: name }} className={styles.name ?? ''}>
                    <b>{name}</b> tasks
                  </TextLink>
                  <span className={styles.description}>{description}</span>
                  <span className={styles.facts}>
                    {countText(actions.length, 'action')}
                    {nodes === undefined ? '' : `, on ${nodesText(nodes)}`}, version {version}
                  </span>
                </li>
              ))}
            </ul>
          )}
          {broken.length === 0 ? null : (
            <section className={styles.broken} aria-labelledby="broken">
              <h2 id="broken">
                <Mark meaning="warn" size={14} /> {countText(broken.length, 'DDL')} cannot be read
              </h2>
              <ul>
                {broken.map(({ name, error }) => (
                  <li key={name}>
                    <b>{name}</b>: {error}
                  </li>
                ))}
              </ul>
            </section>
          )}
        </Page>
      )}
    </TaskColumns>
  )
}
