// How far the preview of a clone is that this page is waiting for. A value outside of React, because the event stream changes it.

import { useSyncExternalStore } from 'react'
import type { ConsoleEvent } from '#console/api/jobs.ts'

export type PreviewProgress = Extract<ConsoleEvent, { type: 'preview' }>

let watched: string | undefined
let progress: PreviewProgress | undefined
const listeners = new Set<() => void>()

/** From now on what is told under this name is shown, and nothing else: other windows have previews of their own. */
export function watchPreview(name: string): void {
  watched = name
  change(undefined)
}

export function setPreviewProgress(told: PreviewProgress): void {
  if (told.watch === watched) change(told)
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
