// What the page knows about its connection: whether events come in, whether the console reaches the bus, whether the session still holds.
// A value outside of React, because the event stream and the client change it.

import { useSyncExternalStore } from 'react'

export interface Connection {
  /** `lost`: events do not come in; what is shown may be old. */
  readonly stream: 'connecting' | 'open' | 'lost'
  /** Why the console does not reach the bus; undefined: it does, as far as is known. */
  readonly busProblem: string | undefined
  /** The session ended while the page was open. */
  readonly signedOut: boolean
}

let connection: Connection = { stream: 'connecting', busProblem: undefined, signedOut: false }
const listeners = new Set<() => void>()

export function currentConnection(): Connection {
  return connection
}

export function setConnection(change: Partial<Connection>): void {
  const next = { ...connection, ...change }
  if (
    next.stream === connection.stream &&
    next.busProblem === connection.busProblem &&
    next.signedOut === connection.signedOut
  ) {
    return
  }
  connection = next
  for (const listener of listeners) listener()
}

export function useConnection(): Connection {
  return useSyncExternalStore(subscribe, currentConnection, currentConnection)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
