// A clone while it is being prepared: options, preview, and whether the preview still says what would happen. What was previewed and is not any more
// what is selected cannot be cloned. [live 4]

import { useMutation } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { Job, RollOut } from '#console/api/jobs.ts'
import type { ClonePreview, CloneRequest } from '#console/api/resources.ts'
import { awaitPreview, cancelPreview } from '../api/await-preview.ts'
import { call } from '../api/client.ts'
import { ApiError } from '../api/error.ts'
import { watchPreview } from '../api/preview-progress.ts'
import { jobQuery } from '../api/queries.ts'
import { queryClient } from '../api/query-client.ts'
import { useNow } from '../components/relative-time.tsx'
import { useSelection } from '../nodes/node-selection.tsx'
import { forgetPreview, keepPreview, keptPreview, keyOfNodes, type WhatIsCloned } from './kept-preview.ts'

export type CloneOptions = CloneRequest['options']

export interface CloneSession {
  readonly type: string
  readonly title: string
  readonly variant: string
  readonly options: CloneOptions
  readonly rollOut: RollOut
  setOptions(options: CloneOptions): void
  setRollOut(rollOut: RollOut): void
  /** The last one made, be it stale or not. */
  readonly preview: ClonePreview | undefined
  /** Why the preview must be made anew; undefined: it holds, or there is none. */
  readonly stale: string | undefined
  readonly previewing: boolean
  readonly previewError: unknown
  makePreview(): void
  stopPreview(): void
  readonly starting: boolean
  readonly startError: unknown
  start(confirm: string | undefined): void
  forgetStartError(): void
}

interface Asked {
  /** Of `keyOfNodes`. */
  readonly nodes: string
  /** Options and roll-out, to be compared. */
  readonly asked: string
}

interface Made extends Asked {
  readonly answer: ClonePreview
}

/** A preview on its way lives no longer than this, milliseconds. */
const RUNNING_MAX_MS = 4 * 60_000

export function useCloneSession(about: WhatIsCloned, onStarted: (job: Job) => void): CloneSession {
  const { type, title, variant } = about
  const { nodes, ready } = useSelection()
  const nowMs = useNow()
  const [kept] = useState(() => keptPreview(about, Date.now()))
  const [options, setOptions] = useState<CloneOptions>(kept?.options ?? (type === 'user' ? { groups: true } : {}))
  const [rollOut, setRollOut] = useState<RollOut>(kept?.rollOut ?? {})
  const nodesKey = useMemo(() => keyOfNodes(nodes), [nodes])
  const asked = JSON.stringify([options, rollOut])
  const abort = useRef<AbortController>(undefined)
  const id = useRef(kept?.id)
  const preview = useMutation({
    mutationFn: async ({ resumed, ...of }: Asked & { resumed?: string }): Promise<Made | undefined> => {
      abort.current?.abort()
      const control = new AbortController()
      abort.current = control
      const { signal } = control
      if (resumed === undefined && id.current !== undefined) cancelPreview(id.current)
      watchPreview(undefined)
      const keep = (own: string, untilMs: number): void =>
        keepPreview({ ...about, ...{ id: own, options, rollOut, nodes: of.nodes, untilMs } })
      try {
        const own = resumed ?? (await begin(signal))
        id.current = own
        if (resumed === undefined) keep(own, Date.now() + RUNNING_MAX_MS)
        const answer = await awaitPreview(own, signal)
        keep(own, answer.expiresAtMs)
        return { answer, ...of }
      } catch (error) {
        if (isAbort(error)) throw error
        id.current = undefined
        forgetPreview()
        // What was asked for before this page was loaded anew is not there any more: nobody asked for it now.
        if (resumed !== undefined && error instanceof ApiError && error.status === 404) return undefined
        throw error
      }
    },
  })
  async function begin(signal: AbortSignal): Promise<string> {
    const withRollOut = Object.values(rollOut).some((value) => value !== undefined)
    const body = { type, title, variant, nodes: [...nodes], options, ...(withRollOut ? { rollOut } : {}) }
    const begun = await call('POST /api/clones/preview', { body, signal })
    return begun.id
  }
  const { mutate, reset } = preview
  useEffect(() => {
    if (kept !== undefined) {
      mutate({ resumed: kept.id, nodes: kept.nodes, asked: JSON.stringify([kept.options, kept.rollOut]) })
    }
    return () => abort.current?.abort()
  }, [kept, mutate])
  const start = useMutation({
    mutationFn: ({ made, confirm }: { made: Made; confirm: string | undefined }) =>
      call('POST /api/clones', {
        body: { preview: made.answer.id, nodes: [...nodes], ...(confirm === undefined ? {} : { confirm }) },
      }),
    onSuccess: (job) => {
      forgetPreview()
      queryClient.setQueryData(jobQuery(job.id).queryKey, (known) =>
        known !== undefined && known.revision > job.revision ? known : job,
      )
      onStarted(job)
    },
  })
  const made = preview.data
  const stale =
    made === undefined
      ? undefined
      : ready && made.nodes !== nodesKey
        ? 'The selection has changed since the preview.'
        : made.asked !== asked
          ? 'The options have changed since the preview.'
          : made.answer.expiresAtMs <= nowMs
            ? 'The preview is older than ten minutes.'
            : undefined
  const stopPreview = useCallback(() => {
    abort.current?.abort()
    if (id.current !== undefined) cancelPreview(id.current)
    id.current = undefined
    forgetPreview()
    reset()
  }, [reset])
  return {
    ...{ type, title, variant, options, rollOut, setOptions, setRollOut, stale, stopPreview },
    preview: made?.answer,
    previewing: preview.isPending,
    previewError: isAbort(preview.error) ? null : preview.error,
    makePreview: () => mutate({ nodes: nodesKey, asked }),
    starting: start.isPending,
    startError: start.error,
    start: (confirm) => (made === undefined ? undefined : start.mutate({ made, confirm })),
    forgetStartError: start.reset,
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}
