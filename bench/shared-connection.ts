// One connection to a broker for many emulated nodes, so that ten thousand of them need no ten thousand TLS sessions on the machine that is being
// measured: broadcasts go to each, what is for one node goes to that node.

import type { Connector, Delivery, Source, Subscription } from '#transport/connector.ts'

export interface SharedConnection {
  /** A connector for one more node. */
  share(): Connector
}

export function shareConnection(connector: Connector): SharedConnection {
  const broadcasts = new Map<string, Set<(delivery: Delivery) => void>>()
  const subscribe = (source: Source, onDelivery: (delivery: Delivery) => void): Subscription => {
    if (source.kind !== 'broadcast') return connector.subscribe(source, onDelivery)
    const key = `${source.collective}.${source.agent}`
    let receivers = broadcasts.get(key)
    if (!receivers) {
      const all = new Set<(delivery: Delivery) => void>()
      broadcasts.set(key, all)
      receivers = all
      connector.subscribe(source, (delivery) => {
        for (const receive of all) receive(delivery)
      })
    }
    receivers.add(onDelivery)
    return { unsubscribe: () => void broadcasts.get(key)?.delete(onDelivery) }
  }
  return {
    share: () => ({
      connect: async () => {},
      subscribe,
      publish: (target, bytes, options) => connector.publish(target, bytes, options),
      replyAddress: (collective) => connector.replyAddress(collective),
      disconnect: async () => {},
    }),
  }
}
