// What the broker counts. Totals grow from the start; `connections`, `sessions`, `queues` and `stored*` are of this moment.

export interface Counters {
  /** Open connections, and those of them that have logged in. */
  connections: number
  sessions: number
  connectionsTotal: number
  /** Refused for want of room, dropped because they did not log in in time or gave way to newer ones. */
  connectionsRefused: number
  loginTimeouts: number
  loginsRefused: number
  framesIn: number
  framesOut: number
  bytesIn: number
  bytesOut: number
  /** Frames that were not STOMP or over a limit. */
  malformed: number
  /** SUBSCRIBE and SEND the account has no right to. */
  notPermitted: number
  queues: number
  storedMessages: number
  storedBytes: number
  /** Messages put into a queue to wait, dropped there at their time, refused because it was full. */
  queued: number
  expired: number
  refused: number
  /** Messages to a topic nobody subscribes, and those not delivered to a connection that was too slow. */
  unheard: number
  dropped: number
  slowConsumers: number
  heartbeatTimeouts: number
  publisherPauses: number
}

export function newCounters(): Counters {
  return {
    connections: 0,
    sessions: 0,
    connectionsTotal: 0,
    connectionsRefused: 0,
    loginTimeouts: 0,
    loginsRefused: 0,
    framesIn: 0,
    framesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    malformed: 0,
    notPermitted: 0,
    queues: 0,
    storedMessages: 0,
    storedBytes: 0,
    queued: 0,
    expired: 0,
    refused: 0,
    unheard: 0,
    dropped: 0,
    slowConsumers: 0,
    heartbeatTimeouts: 0,
    publisherPauses: 0,
  }
}
