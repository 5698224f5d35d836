// Names under which secrets travel, and values with those masked: one rule for what is shown of inputs, outputs and settings
// in audit lines and answers. [B-017, agents 15, agents A8]

import { NAMES_REMEMBERED_CHARACTERS_MAX } from './limits.ts'
import { remembering } from './remembered.ts'

const SECRET_NAME =
  /pass(?:wd|word|wort|phrase|code)|secret|token|credential|private|api_?key|[._-]key(?:$|[._-])|(?:^|[._-])(?:psk|pw|pass)(?:$|[._-])/i

export const MASKED = '*****'

/** `isSecretName('db_password')` and `isSecretName('plugin.psk')` are true, `isSecretName('password_max_age')` too: better one too many. */
export const isSecretName: (name: string) => boolean = remembering(NAMES_REMEMBERED_CHARACTERS_MAX, (name) =>
  SECRET_NAME.test(name),
)

/** The value with everything under a secret name replaced by `*****`, at any depth. Leaves the original alone; without secrets it is the original. */
export function maskSecrets(value: unknown): unknown {
  if (!holdsSecrets(value)) return value
  if (Array.isArray(value)) return value.map(maskSecrets)
  return Object.fromEntries(
    Object.entries(value as object).map(([name, inner]) => [name, isSecretName(name) ? MASKED : maskSecrets(inner)]),
  )
}

function holdsSecrets(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(holdsSecrets)
  for (const name of Object.keys(value))
    if (isSecretName(name) || holdsSecrets((value as Record<string, unknown>)[name])) return true
  return false
}
