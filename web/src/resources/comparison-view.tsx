// Two sides compared in one type: what only one has, what both have otherwise and with which values, and how many are alike.

import { TextInput } from '@mantine/core'
import { type ReactNode, useMemo, useState } from 'react'
import type { Comparison } from '#console/api/resources.ts'
import { ForeignText } from '../components/foreign-text.tsx'
import { countText, nodesText, numberText } from '../components/format.ts'
import { IconSearch } from '../components/icons.ts'
import { TextLink } from '../components/link.tsx'
import { Empty } from '../components/state.tsx'
import { TextButton } from '../components/text-button.tsx'
import styles from './compare.module.css'
import type { Side } from './compare-sides.tsx'
import { viewsOf } from './property-value.tsx'

const AT_FIRST = 50
const MORE = 500

type Different = Comparison['different'][number]
type Values = Different['properties'][number]['left']

export function ComparisonView({ comparison, left, right }: { comparison: Comparison; left: Side; right: Side }) {
  const [text, setText] = useState('')
  const { type, different, onlyLeft, onlyRight, equal } = comparison
  const shown = useMemo(() => {
    const wanted = text.trim().toLowerCase()
    const has = (title: string): boolean => wanted === '' || title.toLowerCase().includes(wanted)
    return {
      different: different.filter(({ title }) => has(title)),
      onlyLeft: onlyLeft.filter(has),
      onlyRight: onlyRight.filter(has),
    }
  }, [text, different, onlyLeft, onlyRight])
  const link = linkOf(type, left, right)
  if (different.length + onlyLeft.length + onlyRight.length === 0) {
    return equal === 0 ? (
      <Empty title={`No ${type} resources on either side`} />
    ) : (
      <Empty title="No difference">
        All {numberText(equal)} {type} resources are alike on both sides.
      </Empty>
    )
  }
  return (
    <>
      <div className={styles.toolbar}>
        <TextInput
          size="xs"
          w="15rem"
          aria-label="Filter by name"
          placeholder="Filter by name"
          leftSection={<IconSearch size={14} aria-hidden="true" />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
        <span className={styles.dim}>
          {countText(equal, 'resource is', 'resources are')} alike on both sides and not shown.
        </span>
      </div>
      <Section title="Different" count={shown.different.length} of={different.length}>
        <DifferentTable rows={shown.different} left={left} right={right} link={link} />
      </Section>
      <div className={styles.onlies}>
        <Section title={`Only on ${left.name}`} count={shown.onlyLeft.length} of={onlyLeft.length}>
          <Titles titles={shown.onlyLeft} link={link} />
        </Section>
        <Section title={`Only on ${right.name}`} count={shown.onlyRight.length} of={onlyRight.length}>
          <Titles titles={shown.onlyRight} link={link} />
        </Section>
      </div>
    </>
  )
}

type LinkTo = (title: string) => ReactNode

/** To the resource on the nodes of both sides, when they fit in an address. */
function linkOf(type: string, left: Side, right: Side): LinkTo {
  const names = [...new Set([...(left.nodes ?? []), ...(right.nodes ?? [])])]
  const only = names.join(',')
  const clean = {
    name: undefined,
    class: undefined,
    fact: undefined,
    agent: undefined,
    where: undefined,
    except: undefined,
  }
  const nodes = only.length <= 1_000 ? { ...clean, only } : {}
  return (title) => (
    <TextLink to="/resources/$type/find" params={{ type }} search={{ title, ...nodes }} preload={false}>
      <ForeignText>{title.length > 300 ? `${title.slice(0, 300)} ...` : title}</ForeignText>
    </TextLink>
  )
}

function Section({ title, count, of, children }: { title: string; count: number; of: number; children: ReactNode }) {
  return (
    <section className={styles.section}>
      <h2>
        {title} <span className={styles.badge}>{numberText(of)}</span>
      </h2>
      {count === 0 ? <p className={styles.none}>{of === 0 ? 'Nothing.' : 'No name matches the filter.'}</p> : children}
    </section>
  )
}

function DifferentTable({
  rows,
  left,
  right,
  link,
}: {
  rows: readonly Different[]
  left: Side
  right: Side
  link: LinkTo
}) {
  const [limit, setLimit] = useState(AT_FIRST)
  return (
    <>
      <div className={styles.box} tabIndex={0} role="group" aria-label="Different resources, scrolling">
        <table className={styles.table}>
          <caption className="visually-hidden">Resources that differ</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Property</th>
              <th scope="col">{left.name}</th>
              <th scope="col">{right.name}</th>
            </tr>
          </thead>
          {rows.slice(0, limit).map(({ title, properties }) => (
            <tbody key={title}>
              {properties.map((property, index) => {
                const views = viewsOf(
                  [...property.left, ...property.right].map(({ value }) => value),
                  true,
                )
                const at = property.left.length
                return (
                  <tr key={property.name}>
                    {index === 0 ? (
                      <th scope="rowgroup" rowSpan={properties.length} className={styles.title}>
                        {link(title)}
                      </th>
                    ) : null}
                    <th scope="row" className={styles.property}>
                      <ForeignText>{property.name}</ForeignText>
                    </th>
                    <td>
                      <SideValues values={property.left} views={views.slice(0, at)} />
                    </td>
                    <td>
                      <SideValues values={property.right} views={views.slice(at)} />
                    </td>
                  </tr>
                )
              })}
            </tbody>
          ))}
        </table>
      </div>
      <MoreButton of={rows.length} limit={limit} onMore={setLimit} />
    </>
  )
}

/** Nodes of a side may differ among themselves: each value with its number of nodes. */
function SideValues({ values, views }: { values: Values; views: readonly ReactNode[] }) {
  if (values.length === 0) return <span className={styles.dim}>—</span>
  const [only] = values
  if (values.length === 1 && only?.nodes === 1) return views[0]
  return (
    <ul className={styles.values}>
      {values.map(({ nodes }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: values have no other key, and are drawn anew together
        <li key={index}>
          <span>{views[index]}</span> <span className={styles.dim}>on {nodesText(nodes)}</span>
        </li>
      ))}
    </ul>
  )
}

function Titles({ titles, link }: { titles: readonly string[]; link: LinkTo }) {
  const [limit, setLimit] = useState(AT_FIRST)
  return (
    <>
      <ul className={styles.titles}>
        {titles.slice(0, limit).map((title) => (
          <li key={title}>{link(title)}</li>
        ))}
      </ul>
      <MoreButton of={titles.length} limit={limit} onMore={setLimit} />
    </>
  )
}

function MoreButton({ of, limit, onMore }: { of: number; limit: number; onMore: (limit: number) => void }) {
  if (of <= limit) return null
  return (
    <TextButton className={styles.more} underline="always" onClick={() => onMore(limit + MORE)}>
      Show {numberText(Math.min(MORE, of - limit))} more of {numberText(of - limit)}
    </TextButton>
  )
}
