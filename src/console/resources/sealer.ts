// Keeps secrets that an undo will need: passwords as they were before a clone. They are sealed with a key that lies beside the store and not
// in it (AES-256-GCM), so that whoever reads the database, or a copy of it, reads no secret. A seal is good for its own record only. Without
// the key the secrets are gone, and nothing else is.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { parseJson } from '#base/parse-json.ts'

export interface Sealer {
  /** `v1.` and base64url. `context` must be the same at opening, e.g. job, node and resource. */
  seal(value: unknown, context: readonly string[]): string
  /** undefined: another key, another context, or it was changed. */
  open(sealed: string, context: readonly string[]): unknown
}

export const SEAL_KEY_BYTES = 32
const [IV_BYTES, TAG_BYTES] = [12, 16]

export function createSealer(key: Uint8Array): Sealer {
  if (key.length !== SEAL_KEY_BYTES) throw new RangeError(`the key has ${key.length} bytes, not ${SEAL_KEY_BYTES}`)
  return {
    seal(value, context) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, iv)
      cipher.setAAD(Buffer.from(JSON.stringify(context)))
      const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()])
      return `v1.${Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')}`
    },
    open(sealed, context) {
      if (!sealed.startsWith('v1.')) return undefined
      const bytes = Buffer.from(sealed.slice(3), 'base64url')
      if (bytes.length < IV_BYTES + TAG_BYTES) return undefined
      try {
        const options = { authTagLength: TAG_BYTES }
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), options)
        decipher.setAAD(Buffer.from(JSON.stringify(context)))
        decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
        const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()])
        return parseJson(text.toString('utf8'))
      } catch {
        return undefined
      }
    },
  }
}
