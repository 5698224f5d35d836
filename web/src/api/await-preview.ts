// Waits for a preview of a clone, however long it takes: the console answers within seconds that it still runs, and is asked again. Also when the
// line breaks meanwhile, for a while.

import type { ClonePreview } from '#console/api/resources.ts'
import { call } from './client.ts'
import { ApiError } from './error.ts'
import { setPreviewProgress, watchPreview } from './preview-progress.ts'

const WAIT_SECONDS = 20
/** The console forgets a preview for which nobody asks for a minute. */
const TRIES_MAX = 12
const PAUSE_MS = 3_000

/** Throws ApiError as the console answers, and the AbortError of fetch. */
export async function awaitPreview(id: string, signal: AbortSignal): Promise<ClonePreview> {
  watchPreview(id)
  for (let failures = 0; ; ) {
    try {
      const told = await call('GET /api/clones/preview/:id', { params: { id }, query: { wait: WAIT_SECONDS }, signal })
      if (told.preview !== undefined) return told.preview
      if (told.progress !== undefined) setPreviewProgress({ id, ...told.progress })
      failures = 0
    } catch (error) {
      failures++
      if (!(error instanceof ApiError && isOfTheLine(error)) || failures >= TRIES_MAX) throw error
      await pause(signal)
    }
  }
}

/** Nobody waits any longer: the console need not go on. What it does not hear it notices by itself. */
export function cancelPreview(id: string): void {
  void call('DELETE /api/clones/preview/:id', { params: { id } }).catch(() => undefined)
}

/** Not the console's own words: it did not answer, or a proxy before it did. */
function isOfTheLine({ status, code }: ApiError): boolean {
  return status === 0 || code === 'UNREADABLE'
}

async function pause(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, PAUSE_MS)
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  signal.throwIfAborted()
}
