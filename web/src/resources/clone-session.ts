// A clone while it is being prepared: options, preview, and whether the preview still says what would happen. What was previewed and is not any more
// what is selected cannot be cloned. [live 4]

import { useMutation } from '@tanstack/react-query'
import { useCallback, useRef, useState } from 'react'
import type { Job, RollOut } from '#console/api/jobs.ts'
import type { ClonePreview, CloneRequest } from '#console/api/resources.ts'
import { call } from '../api/client.ts'
import { watchPreview } from '../api/preview-progress.ts'
import { jobQuery } from '../api/queries.ts'
import { queryClient } from '../api/query-client.ts'
import { useNow } from '../components/relative-time.tsx'
import { useSelection } from '../nodes/node-selection.tsx'

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

interface Made {
  readonly answer: ClonePreview
  readonly nodes: readonly string[]
  readonly asked: string
}

export function useCloneSession(
  { type, title, variant }: { type: string; title: string; variant: string },
  onStarted: (job: Job) => void,
): CloneSession {
  const { nodes } = useSelection()
  const nowMs = useNow()
  const [options, setOptions] = useState<CloneOptions>(type === 'user' ? { groups: true } : {})
  const [rollOut, setRollOut] = useState<RollOut>({})
  const asked = JSON.stringify([options, rollOut])
  const abort = useRef<AbortController>(undefined)
  const preview = useMutation({
    mutationFn: async (of: { nodes: readonly string[]; asked: string }): Promise<Made> => {
      abort.current?.abort()
      const control = new AbortController()
      abort.current = control
      const watch = crypto.randomUUID()
      watchPreview(watch)
      const withRollOut = Object.values(rollOut).some((value) => value !== undefined)
      const answer = await call('POST /api/clones/preview', {
        body: { type, title, variant, nodes: [...of.nodes], options, watch, ...(withRollOut ? { rollOut } : {}) },
        signal: control.signal,
      })
      return { answer, ...of }
    },
  })
  const start = useMutation({
    mutationFn: ({ made, confirm }: { made: Made; confirm: string | undefined }) =>
      call('POST /api/clones', {
        body: { preview: made.answer.id, nodes: [...made.nodes], ...(confirm === undefined ? {} : { confirm }) },
      }),
    onSuccess: (job) => {
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
      : made.nodes !== nodes && !sameNames(made.nodes, nodes)
        ? 'The selection has changed since the preview.'
        : made.asked !== asked
          ? 'The options have changed since the preview.'
          : made.answer.expiresAtMs <= nowMs
            ? 'The preview is older than ten minutes.'
            : undefined
  const { reset } = preview
  const stopPreview = useCallback(() => {
    abort.current?.abort()
    reset()
  }, [reset])
  return {
    ...{ type, title, variant, options, rollOut, setOptions, setRollOut, stale, stopPreview },
    preview: made?.answer,
    previewing: preview.isPending,
    previewError: isAbort(preview.error) ? null : preview.error,
    makePreview: () => preview.mutate({ nodes, asked }),
    starting: start.isPending,
    startError: start.error,
    start: (confirm) => (made === undefined ? undefined : start.mutate({ made, confirm })),
    forgetStartError: start.reset,
  }
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index])
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}
