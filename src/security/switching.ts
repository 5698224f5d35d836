// Several schemes as one, for the time in which a fleet changes from one to the next: seals with one, opens what any of the accepted
// ones made, answers in the scheme of the request. Which scheme made an envelope is its sixth byte; every scheme verifies its own.
// As long as the weaker scheme is accepted, it is what the fleet is protected by. [R-012, B-018]

import { TroupeError } from '#base/errors.ts'
import { SCHEME_NUMBERS, schemeNumberOf } from './envelope.ts'
import type { OpenedRequest, SealedRequest, SecurityScheme } from './security.ts'

export interface SwitchingOptions {
  /** New requests are made with it; what it made is accepted as well. */
  readonly seal: SecurityScheme
  /** Further schemes whose messages are accepted. */
  readonly accept: readonly SecurityScheme[]
}

/** Makes the scheme; its name and caller id are those of `seal`. */
export function createSwitchingScheme({ seal, accept }: SwitchingOptions): SecurityScheme {
  const schemes = new Map([...accept, seal].map((scheme) => [scheme.name, scheme]))

  const schemeOf = (bytes: Uint8Array): SecurityScheme => {
    const number = schemeNumberOf(bytes)
    const name = Object.entries(SCHEME_NUMBERS).find(([, known]) => known === number)?.[0]
    const scheme = name === undefined ? undefined : schemes.get(name)
    if (scheme) return scheme
    const made = number === undefined ? 'by no scheme known' : `by security scheme ${name ?? `number ${number}`}`
    const message = `cannot read a message: it was made ${made}, accepted are ${[...schemes.keys()].join(', ')}`
    throw new TroupeError('SECURITY_MALFORMED', message)
  }

  return {
    name: seal.name,
    callerId: () => seal.callerId(),
    encodeRequest: (request, recipients): SealedRequest => ({
      ...seal.encodeRequest(request, recipients),
      scheme: seal.name,
    }),
    decodeRequest(bytes): OpenedRequest {
      const scheme = schemeOf(bytes)
      const opened = scheme.decodeRequest(bytes)
      const { caller } = opened.request
      // Policies take `cert=` for proven; a scheme without certificates must not lend it to anybody.
      if (caller.startsWith('cert=') && !opened.certificate) {
        const message = `cannot accept a request of ${caller}: the scheme ${scheme.name} proves no such name`
        throw new TroupeError('SECURITY_WRONG_NAME', message)
      }
      return { ...opened, scheme: scheme.name }
    },
    encodeReply(reply, opened) {
      const scheme = schemes.get(opened.scheme ?? seal.name) ?? seal
      return scheme.encodeReply(reply, opened)
    },
    decodeReply(bytes, awaited) {
      // A reply in another scheme than its request's would let who broke the weaker one answer for the stronger.
      const scheme = schemeOf(bytes)
      return scheme.decodeReply(bytes, (id) =>
        awaited(id)?.filter((sent) => (sent.scheme ?? seal.name) === scheme.name),
      )
    },
  }
}
