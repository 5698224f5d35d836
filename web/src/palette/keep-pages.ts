// Reads the files of all pages a while after the first one is there. A page whose file is read only when one goes to it is gone together with the console:
// the router would load everything anew, and the browser show its own error instead of the banner and what is known. [live 8: server lost]

import { type AnyRouter, useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { currentConnection, useConnection } from '../api/connection.ts'

/** Not in the way of the first page. */
const AFTER_MS = 6_000

export function useKeepPages(): void {
  const router = useRouter()
  const open = useConnection().stream === 'open'
  useEffect(() => {
    if (!open) return
    const timer = setTimeout(() => void keepPages(router), AFTER_MS)
    return () => clearTimeout(timer)
  }, [router, open])
}

async function keepPages(router: AnyRouter): Promise<void> {
  for (const route of Object.values(router.routesById)) {
    // One that fails would stay so.
    if (currentConnection().stream !== 'open') return
    await (route.options.component as { preload?: () => Promise<void> } | undefined)?.preload?.()
  }
}
