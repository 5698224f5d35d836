// A program and the one that started it (`npm start`, tests): says when it is ready and stops when the starter is gone, however
// that ended. Both go over node's IPC channel; started without one, both do nothing.

/** Tells the starter that this program is in service. */
export function announceReady(): void {
  if (process.connected) process.send?.('ready')
}

/** Calls `stop` once when the starter's end of the channel closes, which the system does even for a killed process. */
export function stopWithParent(stop: () => void): void {
  if (process.connected) process.once('disconnect', stop)
}
