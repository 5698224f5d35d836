// A program and the one that started it (`npm start`, tests): says when it is ready and stops when the starter is gone, however
// that ended. Both go over node's IPC channel; started without one, both do nothing.

/** Tells the starter that this program is in service, or more about it. */
export function announceReady(message: string | object = 'ready'): void {
  if (process.connected) process.send?.(message)
}

/** An orderly stop may wait for a broker that went down with the starter; after this the process ends anyway. */
const STOP_WITHIN_MS = 5_000

/** Calls `stop` once when the starter's end of the channel closes, which the system does even for a killed process. */
export function stopWithParent(stop: () => void): void {
  if (!process.connected) return
  process.once('disconnect', () => {
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref()
    stop()
  })
}
