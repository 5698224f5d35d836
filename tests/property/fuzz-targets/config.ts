// What operators and programs of the site write under the fuzzer: configuration, facts in YAML and what Facter prints.

import { parseConfig } from '../../../src/config/load.ts'
import { parseFacterJson } from '../../../src/puppet/facts/facter-collector.ts'
import { parseFactsYaml } from '../../../src/puppet/facts/facts-yaml.ts'
import { normaliseFacts } from '../../../src/puppet/facts/normalise-facts.ts'
import { registerTarget } from '../fuzz.ts'

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

for (const kind of ['client', 'server', 'broker'] as const) {
  registerTarget(
    `config-${kind}`,
    (bytes) => {
      const settings = parseConfig(textOf(bytes), '/etc/x.cfg', kind)
      settings.item('pluginconf')
    },
    ['CONFIG_INVALID'],
    {
      seeds: [
        'identity = a\r\ncollectives = a, b\nmain_collective = a\nttl = 0x10\nplugin.psk = key\n# comment\n',
        'plugin.activemq.pool.size = 2\nplugin.activemq.pool.1.host = a\nplugin.activemq.pool.1.ssl.ca = /ca\n',
        'broker.listen = [::]:61613\nbroker.tls = 0\nbroker.account.a.role = node\nbroker.account.a.password = p\n',
      ].map((text) => Buffer.from(text)),
      tokens: [
        '=',
        ' = ',
        '\n',
        '\r\n',
        '#',
        'plugin.',
        'plugin.stomp.pool.host1',
        '.ssl.verify = none',
        '__proto__',
        '0x',
        ':',
      ],
    },
  )
}

registerTarget(
  'facts-yaml',
  (bytes) => void parseFactsYaml(textOf(bytes)),
  (error) => error instanceof Error && (error.name === 'YAMLException' || error.constructor === Error),
  {
    seeds: [Buffer.from('---\na: 1\nb: {c: [1.5, yes, ~]}\n:d: :e\nf: &x [a]\ng: *x\nh: |\n  text\n<<: {i: j}\n')],
    tokens: [
      ': ',
      '- ',
      '\n',
      '  ',
      '&a ',
      '*a',
      '!ruby/sym ',
      '!!binary ',
      '|',
      '>',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '---',
      '%YAML',
      '? ',
    ],
  },
)

registerTarget(
  'facter-json',
  (bytes) => {
    const facts = parseFacterJson(textOf(bytes))
    if (facts !== undefined) normaliseFacts(facts)
  },
  (error) => error instanceof Error && error.constructor === Error,
  {
    seeds: [Buffer.from('{"a": 1.0, "b": {"c": [true, null, "x"]}, "__proto__": {"d": 1e400}}')],
    tokens: ['{', '}', '[', ']', '"', ':', ',', '\\u0000', '1e999', '-0'],
  },
)
