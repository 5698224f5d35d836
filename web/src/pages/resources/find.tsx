// Manage Resources, one resource: its variants side by side, and cloning one of them: preview, result, undo. [live 3.4, 3.5, 4]

import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { Job } from '#console/api/jobs.ts'
import type { ResourceVariant, ResourceVariants } from '#console/api/resources.ts'
import { call } from '../../api/client.ts'
import { jobQuery } from '../../api/queries.ts'
import { queryClient } from '../../api/query-client.ts'
import { useMay } from '../../api/session.ts'
import { ForeignText } from '../../components/foreign-text.tsx'
import { nodesText } from '../../components/format.ts'
import { IconArrowLeft, IconRefresh } from '../../components/icons.ts'
import { TextLink } from '../../components/link.tsx'
import { Mark } from '../../components/mark.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Empty, ErrorState, Loading } from '../../components/state.tsx'
import { TextButton } from '../../components/text-button.tsx'
import { LiveBand } from '../../frame/live-band.tsx'
import { Page } from '../../frame/page.tsx'
import { useSelection } from '../../nodes/node-selection.tsx'
import { CloneBand } from '../../resources/clone-band.tsx'
import { ClonePreviewView } from '../../resources/clone-preview-view.tsx'
import { CloneActions, CloneResultView } from '../../resources/clone-result-view.tsx'
import { useCloneSession } from '../../resources/clone-session.ts'
import { InspectView } from '../../resources/inspect-view.tsx'
import strips from '../../resources/inspection.module.css'
import { ResourceColumns } from '../../resources/resource-nav.tsx'
import { variantsQuery } from '../../resources/resource-queries.ts'
import { JobView } from '../../results/job-view.tsx'
import type { FindSearch } from '../resource-search.ts'
import styles from './find.module.css'

const FROM = '/frame/live/resources/$type/find'

export function FindResourcePage() {
  const { type } = useParams({ from: FROM })
  const { title } = useSearch({ from: FROM })
  return (
    <ResourceColumns type={type}>
      {title === undefined ? (
        <Page title={`${type} resource`} above={<Return type={type} />}>
          <Empty title="No name is given">Search for one on the page of the type.</Empty>
        </Page>
      ) : (
        <FindPage key={`${type} ${title}`} type={type} title={title} />
      )}
    </ResourceColumns>
  )
}

function FindPage({ type, title }: { type: string; title: string }) {
  const { clone, job } = useSearch({ from: FROM })
  const navigate = useNavigate()
  const operator = useMay('operator')
  /** As it was when it was chosen: the selection, and with it what is found, changes while targets are chosen. */
  const [source, setSource] = useState<ResourceVariant>()
  /** After an undo what is known is old. */
  const [askAnew, setAskAnew] = useState(false)
  const go = (words: FindSearch): void =>
    void navigate({
      to: '.',
      search: (old: object) => ({ ...old, clone: undefined, job: undefined, ...words }),
    } as never)
  if (job !== undefined) {
    return (
      <ResultPage
        {...{ type, title, id: job, source }}
        onOther={(other) => go({ job: other.id })}
        onReturn={(isUndo) => {
          setAskAnew(isUndo)
          go({})
        }}
      />
    )
  }
  if (clone !== undefined && operator) {
    return (
      <ClonePage
        key={clone}
        {...{ type, title, variant: clone, source }}
        onSource={setSource}
        onCancel={() => go({})}
        onStarted={(started) => go({ job: started.id })}
      />
    )
  }
  return (
    <InspectPage
      {...{ type, title, askAnew }}
      onClone={(variant) => {
        setAskAnew(false)
        setSource(variant)
        go({ clone: variant.key })
      }}
    />
  )
}

function Return({ type }: { type: string }) {
  return (
    <TextLink to="/resources/$type" params={{ type }}>
      <IconArrowLeft size={14} aria-hidden="true" /> Return to {type} list
    </TextLink>
  )
}

function Heading({ type, title }: { type: string; title: string }) {
  return (
    <>
      <span className={styles.type}>{type}</span>{' '}
      <span className={styles.title}>
        <ForeignText>{title.length > 300 ? `${title.slice(0, 300)} ...` : title}</ForeignText>
      </span>
    </>
  )
}

/** What is known; when nothing is, the nodes are asked at once. */
function useFound(type: string, title: string, nodes: readonly string[], ready: boolean, askAnew: boolean) {
  const known = useQuery({ ...variantsQuery(type, title, nodes), enabled: ready && nodes.length > 0 })
  const abort = useRef<AbortController>(undefined)
  const find = useMutation({
    mutationFn: (asked: readonly string[]) => {
      abort.current?.abort()
      const control = new AbortController()
      abort.current = control
      return call('POST /api/resources/:type/find', {
        params: { type },
        body: { title, nodes: [...asked] },
        signal: control.signal,
      })
    },
    onSuccess: (found, asked) => {
      queryClient.setQueryData(variantsQuery(type, title, asked).queryKey, found)
      void queryClient.invalidateQueries({ queryKey: ['resources', 'list', type] })
    },
  })
  useEffect(() => () => abort.current?.abort(), [])
  const { mutate, isIdle } = find
  const nothing = known.data !== undefined && !known.isPlaceholderData && (askAnew || answeredOf(known.data) === 0)
  useEffect(() => {
    if (nothing && isIdle) mutate(nodes)
  }, [nothing, isIdle, mutate, nodes])
  return {
    known,
    find,
    stop() {
      abort.current?.abort()
    },
  }
}

function answeredOf({ found, absent, failed }: ResourceVariants): number {
  return found + absent.count + failed.length
}

function InspectPage({
  type,
  title,
  askAnew,
  onClone,
}: {
  type: string
  title: string
  askAnew: boolean
  onClone: (variant: ResourceVariant) => void
}) {
  const { nodes, count, hint, ready } = useSelection()
  const { known, find, stop } = useFound(type, title, nodes, ready, askAnew)
  const found = known.data
  const asking = find.isPending
  const missing = found === undefined ? 0 : Math.max(0, found.asked - answeredOf(found))
  const aborted = find.error instanceof DOMException
  return (
    <Page
      title={`${type} ${title.slice(0, 100)}`}
      heading={<Heading type={type} title={title} />}
      above={<Return type={type} />}
      actions={
        <>
          {found === undefined || found.asOfMs === 0 || nodes.length === 0 ? null : (
            <span className={strips.age}>
              Updated <RelativeTime atMs={found.asOfMs} />
            </span>
          )}
          <Button
            size="xs"
            variant="default"
            leftSection={<IconRefresh size={14} aria-hidden="true" />}
            disabled={hint !== undefined}
            loading={asking}
            onClick={() => find.mutate(nodes)}
          >
            Update
          </Button>
        </>
      }
    >
      {find.error === null || aborted ? null : (
        <ErrorState title="The nodes could not be asked" error={find.error} onRetry={() => find.mutate(nodes)} />
      )}
      {asking ? (
        <div className={styles.asking}>
          <Loading>
            Finding {type} <b>{title.slice(0, 100)}</b> on {nodesText(count)} ...
          </Loading>
          <Button size="xs" variant="default" onClick={stop}>
            Stop waiting
          </Button>
        </div>
      ) : null}
      {nodes.length === 0 ? (
        ready ? (
          <Empty title="No node is selected">Select the nodes to look at in the list at the left.</Empty>
        ) : (
          <Loading>Waiting for the node list ...</Loading>
        )
      ) : known.error !== null && found === undefined ? (
        <ErrorState error={known.error} onRetry={() => void known.refetch()} />
      ) : found === undefined ? (
        <Loading>Reading what is known ...</Loading>
      ) : answeredOf(found) === 0 ? (
        aborted ? (
          <Empty title="Not asked" action={<Button onClick={() => find.mutate(nodes)}>Ask {nodesText(count)}</Button>}>
            Waiting was stopped before an answer came.
          </Empty>
        ) : null
      ) : (
        <>
          {missing === 0 || asking ? null : (
            <div className={strips.strip} role="status">
              <Mark meaning="warn" />
              <span className={strips.stripText}>
                <b>{nodesText(missing)}</b> of the selection {missing === 1 ? 'has' : 'have'} not been asked yet and{' '}
                {missing === 1 ? 'is' : 'are'} not in what is shown.
              </span>
              <Button size="compact-sm" variant="default" onClick={() => find.mutate(nodes)}>
                Update
              </Button>
            </div>
          )}
          <InspectView found={found} nodes={nodes} onClone={onClone} />
        </>
      )}
    </Page>
  )
}

function ClonePage({
  type,
  title,
  variant,
  source,
  onSource,
  onCancel,
  onStarted,
}: {
  type: string
  title: string
  variant: string
  source: ResourceVariant | undefined
  onSource: (source: ResourceVariant) => void
  onCancel: () => void
  onStarted: (job: Job) => void
}) {
  const { nodes, count, ready } = useSelection()
  const session = useCloneSession({ type, title, variant }, onStarted)
  const { preview, previewing, previewError, stale } = session
  const known = useQuery({ ...variantsQuery(type, title, nodes), enabled: ready && nodes.length > 0 })
  /** What was on the page when Clone was pressed stays, whatever is selected now. */
  const [first] = useState(() => ({
    nodes,
    found: queryClient.getQueryData(variantsQuery(type, title, nodes).queryKey),
  }))
  const shown = first.found === undefined ? { nodes, found: known.data } : first
  const own = source ?? preview?.source ?? shown.found?.variants.find(({ key }) => key === variant)
  useEffect(() => {
    if (source === undefined && own !== undefined) onSource(own)
  }, [source, own, onSource])
  const hasPreview = preview !== undefined
  useEffect(() => {
    if (hasPreview) document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
  }, [hasPreview])
  const showsPreview = hasPreview || previewing || previewError !== null
  return (
    <>
      <LiveBand>
        <CloneBand
          session={session}
          source={own}
          onCancel={() => {
            session.stopPreview()
            onCancel()
          }}
        />
      </LiveBand>
      {showsPreview ? (
        <Page
          title={`Cloning preview: ${type} ${title.slice(0, 100)}`}
          heading={
            <>
              <span className={styles.type}>Cloning Preview for the</span> <Heading type={type} title={title} />
            </>
          }
          above={
            previewing ? null : (
              <TextButton onClick={session.stopPreview}>
                <IconArrowLeft size={14} aria-hidden="true" /> Return to the variants
              </TextButton>
            )
          }
        >
          {previewing ? (
            <div className={styles.asking}>
              <Loading>Asking {nodesText(count)} what would happen ...</Loading>
              <Button size="xs" variant="default" onClick={session.stopPreview}>
                Stop waiting
              </Button>
            </div>
          ) : previewError !== null ? (
            <ErrorState title="There is no preview" error={previewError} onRetry={session.makePreview} />
          ) : preview === undefined ? null : (
            <ClonePreviewView preview={preview} stale={stale} />
          )}
        </Page>
      ) : (
        <Page
          title={`Cloning ${type} ${title.slice(0, 100)}`}
          heading={<Heading type={type} title={title} />}
          above={<Return type={type} />}
        >
          {shown.found === undefined ? (
            <Loading>Reading what is known ...</Loading>
          ) : (
            <InspectView found={shown.found} nodes={shown.nodes} source={variant} />
          )}
        </Page>
      )}
    </>
  )
}

function ResultPage({
  type,
  title,
  id,
  source,
  onOther,
  onReturn,
}: {
  type: string
  title: string
  id: string
  source: ResourceVariant | undefined
  onOther: (job: Job) => void
  onReturn: (isUndo: boolean) => void
}) {
  const job = useQuery(jobQuery(id)).data
  const isUndo = job?.kind === 'undo'
  useEffect(() => {
    if (id !== '') document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
  }, [id])
  return (
    <Page
      title={`${isUndo ? 'Undo' : 'Cloning results'}: ${type} ${title.slice(0, 100)}`}
      heading={
        <>
          <span className={styles.type}>{isUndo ? 'Undo of the clone of' : 'Cloning Results for'} the</span>{' '}
          <Heading type={type} title={title} />
        </>
      }
      actions={job === undefined || isUndo ? undefined : <CloneActions job={job} onOther={onOther} />}
      above={
        <TextButton onClick={() => onReturn(isUndo)}>
          <IconArrowLeft size={14} aria-hidden="true" /> Return to {type} {title.slice(0, 60)}
        </TextButton>
      }
    >
      {job?.kind === 'undo' ? (
        <JobView key={id} id={id} onOther={onOther} />
      ) : (
        <CloneResultView key={id} id={id} source={source} />
      )}
    </Page>
  )
}
