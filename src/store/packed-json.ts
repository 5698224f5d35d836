// JSON as the store keeps it: bytes, deflated when that pays, never larger than a bound. The first byte says how the rest is to be read.

import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import { TroupeError } from '#base/errors.ts'
import { STORE_DEFLATE_BYTES_MIN } from '#base/limits.ts'
import { parseJson } from '#base/parse-json.ts'

const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

const PLAIN = '\0'
const DEFLATED = 1

export interface BoundedJson {
  readonly text: string
  readonly cut: boolean
}

/**
 * The JSON text of a value; long strings in it are cut when it is over the bound, and when that does not help it becomes a string of its
 * beginning. undefined: there is no value.
 */
export function boundedJson(value: unknown, charactersMax: number): BoundedJson | undefined {
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) return undefined
  if (text.length <= charactersMax) return { text, cut: false }
  for (const stringMax of [10_000, 1_000, 200]) {
    const shorter = JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === 'string' && inner.length > stringMax ? `${inner.slice(0, stringMax)}...` : inner,
    )
    if (shorter.length <= charactersMax) return { text: shorter, cut: true }
  }
  return { text: JSON.stringify(`${text.slice(0, Math.floor(charactersMax / 2) - 16)}...`), cut: true }
}

/** The JSON text of a value that must not be cut. Throws STORE_TOO_LARGE. */
export function wholeJson(value: unknown, charactersMax: number, what: string): string | null {
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) return null
  if (text.length <= charactersMax) return text
  throw new TroupeError(
    'STORE_TOO_LARGE',
    `${what} has ${text.length} characters as JSON; the store keeps at most ${charactersMax}`,
  )
}

/** At once, unless it is deflated. */
export function packed(text: string): Uint8Array | Promise<Uint8Array> {
  const plain = Buffer.from(`${PLAIN}${text}`)
  return plain.length <= STORE_DEFLATE_BYTES_MIN ? plain : deflated(plain.subarray(1))
}

async function deflated(bytes: Uint8Array): Promise<Uint8Array> {
  return Buffer.concat([Buffer.of(DEFLATED), await deflate(bytes, { level: 1 })])
}

export async function unpacked(bytes: Uint8Array): Promise<unknown> {
  const rest = bytes.subarray(1)
  return parseJson((bytes[0] === DEFLATED ? await inflate(rest) : Buffer.from(rest)).toString('utf8'))
}

/** Of a column with JSON text; null: absent. */
export function parsed(text: string | null): unknown {
  return text === null ? undefined : parseJson(text)
}
