// What a scheme protects from those who have some of its keys: a stolen node, another operator, the broker. A scheme that does not
// protect from something declares it with a reason, and the suite then holds that it does not, so that docs/security.md is neither
// too good nor too bad.

import assert from 'node:assert/strict'
import test from 'node:test'
import { isTroupeError } from '#base/errors.ts'
import type { Request } from '#message/request.ts'
import type { SealedRequest, SecurityScheme } from '#security/security.ts'
import { sampleReply, sampleRequest } from './security.ts'

export interface Parties {
  /** Two operators. `operator` knows the certificates of both nodes, where there are certificates. */
  readonly operator: SecurityScheme
  readonly colleague: SecurityScheme
  /** `agent.example.com` and `stolen.example.com`, in possession of all that nodes have. */
  readonly node: SecurityScheme
  readonly stolen: SecurityScheme
  /** An operator and a node that have been cast out by name while everybody else kept the keys. */
  readonly dismissed: SecurityScheme
  readonly scrapped: SecurityScheme
  /** An operator whose time is over. */
  readonly ended: SecurityScheme
}

const NODE = sampleReply.sender
const STOLEN = 'stolen.example.com'

const RULES = {
  'a stolen node cannot make requests': ({ operator, node, stolen }) => {
    refuses(node, stolen.encodeRequest(from(stolen)))
    refuses(node, stolen.encodeRequest(from(operator)))
  },
  'an operator cannot ask in the name of another': ({ operator, colleague, node }) => {
    refuses(node, colleague.encodeRequest(from(operator)))
  },
  'a stolen node cannot read requests directed to another': ({ operator, node, stolen }) => {
    const { bytes } = operator.encodeRequest(from(operator), [NODE])
    assert.equal(node.decodeRequest(bytes).request.caller, operator.callerId())
    refused(() => stolen.decodeRequest(bytes))
  },
  'a stolen node cannot hand a request on to another as if it came from its caller': ({ operator, node, stolen }) => {
    const opened = stolen.decodeRequest(operator.encodeRequest(from(operator), [STOLEN]).bytes)
    refuses(node, stolen.encodeRequest(opened.request))
  },
  'a stolen node cannot answer for another': ({ operator, stolen }) => {
    const sealed = operator.encodeRequest(from(operator))
    const forged = stolen.encodeReply(sampleReply, stolen.decodeRequest(sealed.bytes))
    refused(() => operator.decodeReply(forged, () => [sealed]))
  },
  'a stolen node cannot register another': ({ node, stolen }) => {
    refuses(node, stolen.encodeRequest(registration(stolen, NODE)))
  },
  'an operator cannot answer for a node': ({ operator, colleague, stolen }) => {
    const sealed = operator.encodeRequest(from(operator))
    const forged = colleague.encodeReply(sampleReply, stolen.decodeRequest(sealed.bytes))
    refused(() => operator.decodeReply(forged, () => [sealed]))
  },
  'nobody but the caller reads a reply': ({ operator, colleague, node, stolen }) => {
    const sealed = operator.encodeRequest(from(operator))
    const reply = node.encodeReply(sampleReply, node.decodeRequest(sealed.bytes))
    assert.equal(operator.decodeReply(reply, () => [sealed]).sender, NODE)
    for (const other of [colleague, stolen]) refused(() => other.decodeReply(reply, () => [sealed]))
  },
  'the broker reads no content and no name': ({ operator, node }) => {
    const sealed = operator.encodeRequest(from(operator))
    const directed = operator.encodeRequest(from(operator), [NODE])
    const reply = node.encodeReply(sampleReply, node.decodeRequest(sealed.bytes))
    const said = [operator.callerId(), operator.callerId().split('=')[1]!, NODE, 'restart', 'osfamily', 'sshd', 'ntp']
    for (const bytes of [sealed.bytes, directed.bytes, reply]) {
      const text = Buffer.from(bytes).toString('latin1')
      assert.deepEqual(
        [...said, sampleRequest.id, sampleRequest.sender, 'running'].filter((word) => text.includes(word)),
        [],
      )
    }
  },
  'one operator can be cast out': ({ dismissed, node }) => {
    refuses(node, dismissed.encodeRequest(from(dismissed)))
  },
  'one node can be cast out': ({ operator, node, scrapped }) => {
    const sealed = operator.encodeRequest(from(operator))
    const answer = scrapped.encodeReply({ ...sampleReply, sender: STOLEN }, scrapped.decodeRequest(sealed.bytes))
    refused(() => operator.decodeReply(answer, () => [sealed]))
    refuses(node, scrapped.encodeRequest(registration(scrapped, STOLEN)))
  },
  'an operator whose time is over is refused': ({ ended, node }) => {
    refuses(node, ended.encodeRequest(from(ended)))
  },
} as const satisfies Record<string, (parties: Parties) => void>

export type Rule = keyof typeof RULES

/** `deviations`: rules the scheme does not keep, and why. */
export function endToEndConformance(
  name: string,
  make: () => Parties,
  deviations: { readonly [rule in Rule]?: string } = {},
): void {
  for (const [rule, check] of Object.entries(RULES) as [Rule, (parties: Parties) => void][]) {
    const why = deviations[rule]
    if (why === undefined) test(`${name}: ${rule} [R-012]`, () => check(make()))
    else {
      test(`${name} does not keep: ${rule} (${why})`, () => {
        assert.throws(() => check(make()), assert.AssertionError)
      })
    }
  }
}

/** What every scheme must do with a registration, and who it is from. */
export function registration(node: SecurityScheme, identity: string): Request {
  return {
    ...sampleRequest,
    ...{ sender: identity, caller: node.callerId(), replyTo: null },
    body: {
      kind: 'registration',
      registration: {
        ...{ agents: ['service'], collectives: ['mcollective'], classes: ['ntp'], facts: { osfamily: 'RedHat' } },
        ...{ version: '3.0.0', intervalSeconds: 60, leaving: false },
      },
    },
  }
}

function from(client: SecurityScheme): Request {
  return { ...sampleRequest, caller: client.callerId() }
}

/** Called with what was sealed already: a refusal of the sender to make it would prove nothing. */
function refuses(node: SecurityScheme, { bytes }: SealedRequest): void {
  refused(() => node.decodeRequest(bytes))
}

function refused(attempt: () => unknown): void {
  assert.throws(attempt, (error) => isTroupeError(error) && error.code.startsWith('SECURITY_'))
}
