// A text that cannot be printed by accident: logs, JSON and error messages show `(secret)`; only `reveal` gives it. [agents A8]

import { inspect } from 'node:util'

export const SECRET_SHOWN = '(secret)'

export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The text itself; for the code that makes keys and logins of it, nothing else. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return SECRET_SHOWN
  }

  toJSON(): string {
    return SECRET_SHOWN
  }

  [inspect.custom](): string {
    return SECRET_SHOWN
  }
}
