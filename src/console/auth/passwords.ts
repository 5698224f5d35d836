// Passwords to hashes and back to yes or no: argon2id, as RFC 9106 and OWASP have it for servers (19 MiB, two passes). Few at a time,
// because each takes memory and a processor for a moment; when too many wait, the next is told to come back. [M-080]

import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { TroupeError } from '#base/errors.ts'
import { CONSOLE_HASHES_MAX, CONSOLE_HASHES_WAITING_MAX } from '#base/limits.ts'
import { createTurns } from '../turns.ts'

export interface Passwords {
  /** e.g. `$argon2id$v=19$m=19456,t=2,p=1$...$...`. Throws CONSOLE_TOO_MANY. */
  hash(password: string): Promise<string>
  /** undefined: there is no such account; takes as long and is false. Throws CONSOLE_TOO_MANY. */
  verify(password: string, hash: string | undefined): Promise<boolean>
}

interface Cost {
  /** KiB */
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}

const COST: Cost = { memory: 19_456, passes: 2, parallelism: 1 }
/** Hashes of other programs are read up to here; beyond, they would be a way to stop the console. */
const COST_MAX: Cost = { memory: 262_144, passes: 16, parallelism: 8 }
const SALT_BYTES = 16
const HASH_BYTES = 32
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,88})\$([A-Za-z0-9+/]{22,88})$/

const derive = promisify(argon2)

export function createPasswords(cost: Cost = COST): Passwords {
  const turn = createTurns(CONSOLE_HASHES_MAX, { waitingMax: CONSOLE_HASHES_WAITING_MAX, full })
  const run = (password: string, salt: Uint8Array, { memory, passes, parallelism }: Cost, tagLength: number) =>
    // The same letters typed on another keyboard may be other code points.
    turn(() =>
      derive('argon2id', {
        ...{ message: password.normalize('NFKC'), nonce: salt, memory, passes, parallelism, tagLength },
      }),
    )
  const absent = { cost, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) }
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES)
      const hash = await run(password, salt, cost, HASH_BYTES)
      const { memory, passes, parallelism } = cost
      return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${plain(salt)}$${plain(hash)}`
    },
    async verify(password, hash) {
      const known = hash === undefined ? undefined : parse(hash)
      const { cost: its, salt, hash: due } = known ?? absent
      const found = await run(password, salt, its, due.length)
      return timingSafeEqual(found, due) && known !== undefined
    },
  }
}

function parse(text: string): { cost: Cost; salt: Buffer; hash: Buffer } | undefined {
  const [, memory, passes, parallelism, salt = '', hash = ''] = PHC.exec(text) ?? []
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  const fits = (['memory', 'passes', 'parallelism'] as const).every(
    (key) => cost[key] >= 1 && cost[key] <= COST_MAX[key],
  )
  return fits ? { cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') } : undefined
}

/** Base64 without padding, as the format has it. */
function plain(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '')
}

function full(): TroupeError {
  return new TroupeError('CONSOLE_TOO_MANY', 'cannot look at another password now: too many people sign in, try again')
}
