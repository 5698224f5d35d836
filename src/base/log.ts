// What a layer needs of a logger. main/ supplies the one that writes; nothing below knows where lines go.

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal'

/** Fields are plain values for the reader of the log, e.g. `{ requestid: '8c22...', agent: 'rpcutil' }`. Never secrets. */
export type LogFields = Readonly<Record<string, unknown>>

export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  fatal(message: string, fields?: LogFields): void
}

const nothing = (): void => {}
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing }
