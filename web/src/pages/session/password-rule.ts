// What a password must be, as the console's schema has it (console/api/session.ts).

const CHARACTERS = { min: 12, max: 256 }

export const PASSWORD_RULE = `At least ${CHARACTERS.min} characters; a few words are better than a few signs.`

/** undefined: it will do. */
export function passwordProblem(password: string): string | undefined {
  const length = [...password].length
  if (length < CHARACTERS.min) return `${length} characters; it takes at least ${CHARACTERS.min}.`
  if (password.length > CHARACTERS.max) return `${password.length} characters; at most ${CHARACTERS.max} are kept.`
  return undefined
}
