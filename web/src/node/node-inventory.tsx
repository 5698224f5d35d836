// What a node says of itself, asked just now: Puppet's state, agents, classes, facts.

import { Button, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useDeferredValue, useId, useMemo, useState } from 'react'
import type { NodeDetail } from '#console/api/nodes.ts'
import { agentsQuery, nodeQuery } from '../api/queries.ts'
import { CommandToCopy } from '../components/command-to-copy.tsx'
import { ForeignText } from '../components/foreign-text.tsx'
import { countText, numberText } from '../components/format.ts'
import { IconRefresh, IconSearch } from '../components/icons.ts'
import { TextLink } from '../components/link.tsx'
import { Mark } from '../components/mark.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { Empty, ErrorState, Loading } from '../components/state.tsx'
import { ValueView } from '../components/value-view.tsx'
import { puppetStateOf } from '../results/data-view.ts'
import styles from './node-inventory.module.css'

export function NodeInventory({ name }: { name: string }) {
  const found = useQuery(nodeQuery(name))
  if (found.data === undefined) {
    return found.error === null ? (
      <Loading>Asking {name} ...</Loading>
    ) : (
      <ErrorState error={found.error} onRetry={() => void found.refetch()} />
    )
  }
  const { live, problem, command } = found.data
  const again = (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconRefresh size={14} aria-hidden="true" />}
      loading={found.isFetching}
      onClick={() => void found.refetch()}
    >
      Ask again
    </Button>
  )
  return (
    <>
      <div className={styles.bar}>
        <CommandToCopy command={command} />
        <span className={styles.age}>
          Asked <RelativeTime atMs={found.dataUpdatedAt} />
        </span>
        {again}
      </div>
      {live === undefined ? (
        <Empty title="It did not answer" action={again}>
          {problem === undefined ? null : <ForeignText>{problem}</ForeignText>}
        </Empty>
      ) : (
        <Live name={name} live={live} problem={problem} />
      )}
    </>
  )
}

function Live({
  name,
  live,
  problem,
}: {
  name: string
  live: NonNullable<NodeDetail['live']>
  problem: string | undefined
}) {
  const advanced = new Set(useQuery(agentsQuery).data?.advanced)
  return (
    <div className={styles.columns}>
      <div className={styles.side}>
        {problem === undefined ? null : (
          <p className={styles.warning}>
            <Mark meaning="warn" /> <ForeignText>{problem}</ForeignText>
          </p>
        )}
        {live.warnings.map((warning) => (
          <p key={warning} className={styles.warning}>
            <Mark meaning="warn" /> <ForeignText>{warning}</ForeignText>
          </p>
        ))}
        {live.puppet === undefined ? null : <Puppet puppet={live.puppet} />}
        <Part title={`Agents (${numberText(live.agents.length)})`}>
          <ul className={styles.words}>
            {live.agents.map((agent) => (
              <li key={agent}>
                {agent === 'puppet' ? (
                  <TextLink to="/puppet" search={{ only: name }} preload={false}>
                    {agent}
                  </TextLink>
                ) : advanced.has(agent) ? (
                  <TextLink to="/tasks/$agent" params={{ agent }} search={{ only: name }} preload={false}>
                    {agent}
                  </TextLink>
                ) : (
                  <ForeignText>{agent}</ForeignText>
                )}
              </li>
            ))}
          </ul>
        </Part>
        <Part title={`Collectives (${numberText(live.collectives.length)})`}>
          <ul className={styles.words}>
            {live.collectives.map((one) => (
              <li key={one}>
                <ForeignText>{one}</ForeignText>
              </li>
            ))}
          </ul>
        </Part>
        <Classes classes={live.classes} />
      </div>
      <Facts facts={live.facts} />
    </div>
  )
}

function Puppet({ puppet }: { puppet: Record<string, unknown> }) {
  const state = puppetStateOf(puppet)
  const last = typeof puppet.lastrun === 'number' && puppet.lastrun > 0 ? puppet.lastrun * 1000 : undefined
  return (
    <Part title="Puppet">
      {state === undefined ? (
        <ValueView value={puppet} />
      ) : (
        <p className={styles.puppet}>
          <Mark meaning={state.enabled ? 'ok' : 'off'} /> <ForeignText>{state.text}</ForeignText>
        </p>
      )}
      {last === undefined ? null : (
        <p className={styles.dim}>
          Last run <RelativeTime atMs={last} />
        </p>
      )}
    </Part>
  )
}

const CLASSES_MAX = 500

function Classes({ classes }: { classes: readonly string[] }) {
  const sorted = useMemo(() => [...classes].sort(), [classes])
  return (
    <Part title={`Puppet classes (${numberText(classes.length)})`}>
      {sorted.length === 0 ? (
        <p className={styles.dim}>It tells of none.</p>
      ) : (
        <ul className={styles.words}>
          {sorted.slice(0, CLASSES_MAX).map((one) => (
            <li key={one}>
              <TextLink to="/puppet" search={{ class: one }} preload={false}>
                <ForeignText>{one}</ForeignText>
              </TextLink>
            </li>
          ))}
        </ul>
      )}
      {sorted.length > CLASSES_MAX ? (
        <p className={styles.dim}>and {numberText(sorted.length - CLASSES_MAX)} more</p>
      ) : null}
    </Part>
  )
}

const FACTS_MAX = 1_000

function Facts({ facts }: { facts: Record<string, unknown> }) {
  const [text, setText] = useState('')
  const wanted = useDeferredValue(text.trim().toLowerCase())
  const all = useMemo(() => Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1)), [facts])
  const shown = useMemo(
    () =>
      all.filter(
        ([name, value]) =>
          wanted === '' ||
          name.toLowerCase().includes(wanted) ||
          (typeof value === 'object' ? JSON.stringify(value) : String(value)).toLowerCase().includes(wanted),
      ),
    [all, wanted],
  )
  return (
    <Part
      title={`Facts (${numberText(all.length)})`}
      right={
        <TextInput
          size="xs"
          aria-label="Search the facts"
          placeholder="Name or value"
          leftSection={<IconSearch size={14} aria-hidden="true" />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      }
    >
      {shown.length === 0 ? (
        <p className={styles.dim}>{all.length === 0 ? 'It tells of none.' : 'None fits.'}</p>
      ) : (
        <table className={styles.facts}>
          <caption className="visually-hidden">Facts, {countText(shown.length, 'fact')}</caption>
          <colgroup>
            <col className={styles.factName} />
            <col />
          </colgroup>
          <thead className="visually-hidden">
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {shown.slice(0, FACTS_MAX).map(([name, value]) => (
              <tr key={name}>
                <th scope="row">
                  <ForeignText>{name}</ForeignText>
                </th>
                <td>
                  <ValueView value={value} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {shown.length > FACTS_MAX ? (
        <p className={styles.dim}>and {numberText(shown.length - FACTS_MAX)} more: search for them.</p>
      ) : null}
    </Part>
  )
}

function Part({ title, right, children }: { title: string; right?: ReactNode; children: ReactNode }) {
  const id = useId()
  return (
    <section aria-labelledby={id} className={styles.part}>
      <div className={styles.partHead}>
        <h2 id={id}>{title}</h2>
        {right}
      </div>
      {children}
    </section>
  )
}
