// Manage Resources, its first page: how similar the nodes are, by type. [live 3.1]

import { Button } from '@mantine/core'
import type { TypeFigures } from '#console/api/resources.ts'
import { CommandToCopy } from '../../components/command-to-copy.tsx'
import { nodesText, numberText } from '../../components/format.ts'
import { IconSearch } from '../../components/icons.ts'
import { TextLink } from '../../components/link.tsx'
import { Mark } from '../../components/mark.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { ErrorState, Loading } from '../../components/state.tsx'
import { Page } from '../../frame/page.tsx'
import { useSelection } from '../../nodes/node-selection.tsx'
import { SelectionHint } from '../../nodes/selection-hint.tsx'
import { StaleStrip } from '../../resources/figures-band.tsx'
import { InspectionCount } from '../../resources/inspection-progress.tsx'
import { cannotBeListed } from '../../resources/known-types.ts'
import { useSearchOfTypesCommand } from '../../resources/puppetral-command.ts'
import { ResourceColumns, useTypes } from '../../resources/resource-nav.tsx'
import { useInspect } from '../../resources/resource-queries.ts'
import { SimilarityBar, SimilarityHelp, similarityText } from '../../resources/similarity.tsx'
import styles from './summary.module.css'

export function ResourcesPage() {
  return (
    <ResourceColumns>
      <Summary />
    </ResourceColumns>
  )
}

function Summary() {
  const { nodes, count, hint } = useSelection()
  const { summary, types } = useTypes()
  const inspect = useInspect()
  const listable = types.filter(({ type }) => !cannotBeListed(type))
  const busy = inspect.isPending || types.some(({ job }) => job !== undefined)
  const command = useSearchOfTypesCommand(listable.map(({ type }) => type))
  const known = listable.filter(({ similarity }) => similarity !== undefined)
  return (
    <Page
      title="Resources"
      heading="Summary of all resource types"
      intro="What the selected nodes have, and how alike they are in it, asked of the nodes themselves."
      actions={
        <>
          <SelectionHint />
          <Button
            leftSection={<IconSearch size={16} aria-hidden="true" />}
            disabled={hint !== undefined || listable.length === 0}
            loading={busy}
            onClick={() => inspect.mutate({ types: listable.map(({ type }) => type), nodes })}
          >
            Inspect All
          </Button>
        </>
      }
    >
      {inspect.error === null ? null : <ErrorState title="The nodes could not be asked" error={inspect.error} />}
      {summary.error !== null && summary.data === undefined ? (
        <ErrorState error={summary.error} onRetry={() => void summary.refetch()} />
      ) : summary.data === undefined ? (
        <Loading>Reading what is known ...</Loading>
      ) : (
        <>
          {busy ? null : (
            <StaleStrip
              notInspected={Math.max(0, ...known.map(({ notInspected }) => notInspected))}
              disabled={hint !== undefined}
              onUpdate={() => inspect.mutate({ types: known.map(({ type }) => type), nodes, onlyMissing: true })}
            />
          )}
          <TypeTable types={types} />
          {listable.length === 0 ? null : (
            <div className={styles.command}>
              <CommandToCopy command={command} nodes={nodes} />
            </div>
          )}
        </>
      )}
      <Explanation count={count} />
    </Page>
  )
}

function TypeTable({ types }: { types: readonly TypeFigures[] }) {
  return (
    <div className={styles.box}>
      <table className={styles.table}>
        <caption className="visually-hidden">Resource types on the selected nodes</caption>
        <thead>
          <tr>
            <th scope="col">Type</th>
            <th scope="col" className={styles.similarity}>
              <span className={styles.withHelp}>
                Similarity <SimilarityHelp />
              </span>
            </th>
            <th scope="col" className={styles.right}>
              Unique
            </th>
            <th scope="col" className={styles.right}>
              Total
            </th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {types.map((figures) => (
            <TypeRow key={figures.type} figures={figures} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function TypeRow({ figures }: { figures: TypeFigures }) {
  const { type, similarity, unique, total } = figures
  return (
    <tr>
      <th scope="row">
        <TextLink to="/resources/$type" params={{ type }}>
          <b>{type}</b> resources
        </TextLink>
      </th>
      <td className={styles.similarity}>
        {similarity === undefined ? (
          <span className={styles.dim}>{cannotBeListed(type) ? 'Searched by name' : 'Not inspected'}</span>
        ) : (
          <span className={styles.meter}>
            <b>{similarityText(similarity)}</b> <SimilarityBar similarity={similarity} />
          </span>
        )}
      </td>
      <td className={styles.right}>{similarity === undefined ? null : numberText(unique)}</td>
      <td className={styles.right}>{similarity === undefined ? null : numberText(total)}</td>
      <td className={styles.state}>
        <TypeState figures={figures} />
      </td>
    </tr>
  )
}

function TypeState({ figures: { job, similarity, failed, notInspected, asOfMs } }: { figures: TypeFigures }) {
  if (job !== undefined) return <InspectionCount id={job} />
  if (similarity === undefined && failed.length === 0) return null
  return (
    <span className={styles.states}>
      {asOfMs === undefined ? null : (
        <span className={styles.dim}>
          <RelativeTime atMs={asOfMs} />
        </span>
      )}
      {failed.length === 0 ? null : (
        <span>
          <Mark meaning="silent" /> {nodesText(failed.length)} failed
        </span>
      )}
      {notInspected === 0 ? null : (
        <span>
          <Mark meaning="warn" /> {nodesText(notInspected)} not asked
        </span>
      )}
    </span>
  )
}

function Explanation({ count }: { count: number }) {
  return (
    <section className={styles.help} aria-labelledby="about-live">
      <h2 id="about-live">What you see here is live</h2>
      <p>
        Nothing comes from old reports: <b>Inspect All</b> asks the {nodesText(count)} selected at the left, and answers
        appear as they arrive. Packages take a node some seconds, the other types less. What was found stays until you
        update it, with its age beside it.
      </p>
      <dl>
        <div>
          <dt>Manage Resources</dt>
          <dd>
            Find users, packages, services and any other type, see where nodes differ, and clone one variant to others.
          </dd>
        </div>
        <div>
          <dt>
            <TextLink to="/puppet">Control Puppet</TextLink>
          </dt>
          <dd>Run Puppet now, switch it off and on with a reason, see what it is doing.</dd>
        </div>
        <div>
          <dt>
            <TextLink to="/tasks">Advanced Tasks</TextLink>
          </dt>
          <dd>Every action of every agent your nodes have.</dd>
        </div>
        <div>
          <dt>
            <TextLink to="/compare">Compare</TextLink>
          </dt>
          <dd>Two nodes, or two groups of them, side by side.</dd>
        </div>
      </dl>
    </section>
  )
}
