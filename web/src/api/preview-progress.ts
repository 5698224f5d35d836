// How far the preview of a clone is that this page is waiting for. A value outside of React, because the event stream changes it.

import { useSyncExternalStore } from 'react'
import type { PreviewProgress } from '#console/api/resources.ts'

let watched: string | undefined
let progress: PreviewProgress | undefined
const listeners = new Set<() => void>()

/** From now on what is told of this one is shown, and nothing else: other windows have previews of their own. */
export function watchPreview(id: string | undefined): void {
  watched = id
  change(undefined)
}

export function setPreviewProgress({ id, ...told }: PreviewProgress & { readonly id: string }): void {
  if (id === watched) change(told)
}

export function usePreviewProgress(): PreviewProgress | undefined {
  return useSyncExternalStore(subscribe, () => progress)
}

function change(next: PreviewProgress | undefined): void {
  progress = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
