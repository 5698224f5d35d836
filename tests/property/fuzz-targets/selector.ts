// The broker's selector and destination readers under the fuzzer.

import { checkDestination } from '#broker/destination.ts'
import { parseSelector } from '#broker/selector.ts'
import { registerTarget } from '../fuzz.ts'

const bytes = (texts: string[]): Uint8Array[] => texts.map((t) => Buffer.from(t))

registerTarget(
  'broker-selector',
  (input) => {
    const { header, value } = parseSelector(Buffer.from(input).toString())
    const again = parseSelector(`${header} = '${value.replaceAll("'", "''")}'`)
    if (again.header !== header || again.value !== value)
      throw new Error('a selector that does not survive being written')
  },
  ['BROKER_PROTOCOL'],
  {
    seeds: bytes(["mc_identity = 'node1.example.com'", "a='it''s'"]),
    tokens: ["'", "''", ' OR ', '=', ' '],
    weight: 0.2,
  },
)

registerTarget(
  'broker-destination',
  (input) => void checkDestination(Buffer.from(input).toString()),
  ['BROKER_BAD_DESTINATION'],
  {
    seeds: bytes(['/topic/mcollective.rpcutil.agent', '/queue/mcollective.reply.host_1.2']),
    tokens: ['/', '>', '*', ',', '?', '/queue/'],
    weight: 0.2,
  },
)
