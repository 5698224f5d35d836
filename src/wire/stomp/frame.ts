// A STOMP frame as a value, and the rules that hold for all versions: which frames escape their headers, and how a header
// is looked up. Bytes are read by parse.ts and written by serialize.ts; sockets, heart-beats and receipts belong to
// transport and broker. [STOMP-1.2 frames]
//
//   COMMAND EOL                  EOL = LF, or CR LF
//   *( name ":" value EOL )      escaped on 1.1 and 1.2, except in CONNECT, STOMP and CONNECTED
//   EOL
//   body                         content-length bytes, or everything up to the first NUL
//   NUL *EOL                     an EOL between frames is a heart-beat

export type StompVersion = '1.0' | '1.1' | '1.2'

export interface StompFrame {
  /** e.g. `SEND`. Upper case letters; not necessarily a command of the protocol. */
  readonly command: string
  /** Names and values in turn, unescaped, in the order of the wire: `['destination', '/topic/a', 'receipt', '1']`. */
  readonly headers: readonly string[]
  /** A view of the received bytes, without the closing NUL. */
  readonly body: Uint8Array
}

export const EMPTY_BODY: Uint8Array = new Uint8Array(0)

/** The first value of header `name`, e.g. `'/topic/a'`. A repeated header counts once: the first wins. [STOMP-1.2 repeated headers] */
export function headerOf(frame: { readonly headers: readonly string[] }, name: string): string | undefined {
  const { headers } = frame
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return headers[i + 1]
  return undefined
}

/** Whether the headers of `command` are escaped on `version`: not on 1.0 and never while the version is being agreed on. */
export function escapesHeaders(command: string, version: StompVersion): boolean {
  return version !== '1.0' && command !== 'CONNECT' && command !== 'CONNECTED' && command !== 'STOMP'
}
