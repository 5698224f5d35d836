// One client per account that does something, made when first asked for and closed when nothing was asked of it for a while. How a client
// comes to speak in the name of an account is up to `open`, which main hands in.

import type { Clock } from '#base/clock.ts'
import { TroupeError } from '#base/errors.ts'
import { CONSOLE_CLIENT_IDLE_MS } from '#base/limits.ts'
import type { AgentClient, CallHandle, Client } from '#client/api.ts'

export interface Clients {
  /** The account's client. Rejects with what `open` rejects with; the next one to ask tries again. */
  of(account: string): Promise<Client>
  /** How many are open. */
  count(): number
  close(): Promise<void>
}

interface Entry {
  readonly client: Promise<Client>
  /** Calls that have not ended. */
  running: number
  usedAtMs: number
  cancel: () => void
}

export function createClients(parts: {
  readonly open: (account: string) => Promise<Client>
  readonly clock: Clock
  readonly idleMs?: number
}): Clients {
  const { open, clock, idleMs = CONSOLE_CLIENT_IDLE_MS } = parts
  const entries = new Map<string, Entry>()
  let closed = false

  function enter(account: string): Entry {
    const entry: Entry = {
      client: open(account).then((client) => counted(client, entry)),
      ...{ running: 0, usedAtMs: clock.monotonic(), cancel: () => {} },
    }
    entries.set(account, entry)
    entry.client.catch(() => remove(account, entry))
    look(account, entry)
    return entry
  }

  function look(account: string, entry: Entry): void {
    entry.cancel = clock.after(idleMs, () => {
      if (entry.running > 0 || clock.monotonic() - entry.usedAtMs < idleMs) return look(account, entry)
      remove(account, entry)
      void entry.client.then((client) => client.close()).catch(() => {})
    })
  }

  function remove(account: string, entry: Entry): void {
    entry.cancel()
    if (entries.get(account) === entry) entries.delete(account)
  }

  function counted(client: Client, entry: Entry): Client {
    const during = <Handle extends Pick<CallHandle, 'summary'>>(handle: Handle): Handle => {
      until(handle.summary)
      return handle
    }
    const until = (end: Promise<unknown>): void => {
      entry.running++
      const ended = (): void => {
        entry.running--
        entry.usedAtMs = clock.monotonic()
      }
      end.then(ended, ended)
    }
    return {
      identity: client.identity,
      agent(name) {
        const agent = client.agent(name)
        const call: AgentClient<never>['call'] = (...words) => during(agent.call(...words) as never)
        return { ...agent, call } as never
      },
      text: (...words) => during(client.text(...words)),
      discover(options) {
        const discovery = client.discover(options)
        until(discovery.result)
        return discovery
      },
      close: () => client.close(),
    }
  }

  return {
    of(account) {
      if (closed)
        return Promise.reject(new TroupeError('CONSOLE_NO_BUS', 'cannot speak to nodes: the console is being stopped'))
      const entry = entries.get(account) ?? enter(account)
      entry.usedAtMs = clock.monotonic()
      return entry.client
    },
    count: () => entries.size,
    async close() {
      closed = true
      const open = [...entries.values()]
      for (const entry of open) entry.cancel()
      entries.clear()
      await Promise.all(open.map((entry) => entry.client.then((client) => client.close()).catch(() => {})))
    },
  }
}
