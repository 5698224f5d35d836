// Lists of nodes as they are piped into a command or written by hand, under the fuzzer.

import { parseStdinNodes } from '#client/discovery/node-list.ts'
import { registerTarget } from '../fuzz.ts'

registerTarget(
  'node-list',
  (bytes) => void parseStdinNodes(Buffer.from(bytes).toString(), 'auto'),
  ['USAGE_BAD_NODE_LIST'],
  {
    seeds: ['web1.example.com\r\n# x\ndb1\n', '[{"sender":"a"},{"certname":"b"},"c"]'].map((text) => Buffer.from(text)),
    tokens: ['[', ']', '{', '}', '"sender":', ',', '\ufeff', '\n', '#'],
    weight: 0.5,
  },
)
