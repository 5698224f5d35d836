// Names under which secrets travel, and values with those masked: one rule for what is shown of inputs, outputs and settings
// in audit lines and answers. [B-017, agents 15, agents A8]

const SECRET_NAME =
  /pass(?:wd|word|wort|phrase|code)|secret|token|credential|private|api_?key|[._-]key(?:$|[._-])|(?:^|[._-])(?:psk|pw|pass)(?:$|[._-])/i

export const MASKED = '*****'

/** `isSecretName('db_password')` and `isSecretName('plugin.psk')` are true, `isSecretName('password_max_age')` too: better one too many. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name)
}

/** The value with everything under a secret name replaced by `*****`, at any depth. Leaves the original alone. */
export function maskSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskSecrets)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isSecretName(name) ? MASKED : maskSecrets(inner)]),
  )
}
