// The contract of a security scheme: messages <-> bytes one may trust. A scheme owns the byte format of its envelopes (ours,
// or those of Ruby fleets), because what is signed is bytes; it knows no socket, no file and no clock of its own. Age and
// replay are judged by the daemon from what a scheme has verified. docs/decisions/0003-security-contract.md writes down the
// signatures of schemes (the Ruby psk, ssl and aes formats among them) against this contract.

import type { Reply } from '#message/reply.ts'
import type { Request } from '#message/request.ts'
import type { TrustedCertificate } from './trust.ts'

export interface SecurityScheme {
  /** e.g. `psk`. */
  readonly name: string
  /** Who this process is to the nodes it asks, e.g. `uid=0`. */
  callerId(): string
  /**
   * Seals a request. `recipients` are the identities it is for when they are known, at most RECIPIENTS_MAX (schemes that encrypt need them);
   * undefined: whoever matches the filter.
   */
  encodeRequest(request: Request, recipients?: readonly string[]): SealedRequest
  /**
   * Verifies over the received bytes, then decodes. Throws SECURITY_* when it cannot be trusted and MESSAGE_INVALID when it
   * can but makes no sense.
   */
  decodeRequest(bytes: Uint8Array): OpenedRequest
  /** Seals a reply to the request it answers, with the key that request was made with. */
  encodeReply(reply: Reply, request: OpenedRequest): Uint8Array
  /**
   * Verifies and decodes a reply to one of the requests the caller made: `awaited(requestId)` gives their proofs, or
   * undefined when there is no such request (throws SECURITY_NOT_AWAITED).
   */
  decodeReply(bytes: Uint8Array, awaited: (requestId: string) => readonly SealedRequest[] | undefined): Reply
}

export interface SealedRequest {
  readonly bytes: Uint8Array
  /** What identifies exactly these bytes: hex; equal to the proof the receiver sees. */
  readonly proof: string
  /** Which of several schemes sealed it; absent: there is only one. A reply in another scheme is no answer to it. */
  readonly scheme?: string
}

export interface OpenedRequest {
  readonly request: Request
  /** Identifies the request's exact bytes: the replay guard's key, and what a reply is bound to. */
  readonly proof: string
  /** Which key verified it, e.g. `3f9a1c02`; for logs, `mco credentials status` and for answering in kind. */
  readonly keyId: string
  /** The caller's certificate, in schemes that have them: whom a reply is encrypted to. */
  readonly certificate?: TrustedCertificate
  /** Which of several schemes opened it; absent: there is only one. */
  readonly scheme?: string
}
