// docs/reference/settings.md, written from the definitions. `node scripts/settings-page.mjs` writes the file; a test holds
// page and table together.

import { DEFINITIONS, type Definition } from './definitions.ts'

const SECTIONS: readonly { readonly title: string; readonly has: (d: Definition) => boolean }[] = [
  { title: 'Client and server', has: (d) => !/^(plugin|console)\./.test(d.key) && d.for !== 'broker' },
  {
    title: 'Plugins of the core',
    has: (d) => d.key.startsWith('plugin.') && !d.key.includes('CONNECTOR'),
  },
  { title: 'Connection to the broker', has: (d) => d.key.includes('CONNECTOR') },
  { title: 'The web console (`client.cfg`)', has: (d) => d.key.startsWith('console.') },
  { title: 'The embedded broker (`broker.cfg`)', has: (d) => d.for === 'broker' },
]

const INTRODUCTION = `# Settings

<!-- Written by scripts/settings-page.mjs from src/config/definitions.ts. Change the table there. -->

Configuration is text in MCollective's format: \`key = value\`, one a line; a line whose first character is \`#\` is a
comment; the value goes to the end of the line, without quotes. When a key stands twice the last one wins. Unknown keys and
values that do not fit are errors: all of them are listed, with file, line and what is allowed.

| process | file |
|---|---|
| node (\`mcollectived\`) | \`--config\`, else \`/etc/puppetlabs/mcollective/server.cfg\`, else \`/etc/mcollective/server.cfg\` |
| client (\`mco\`) | \`--config\`, else \`~/.mcollective\`, else \`/etc/puppetlabs/mcollective/client.cfg\`, else \`/etc/mcollective/client.cfg\`, else \`~/.troupe/client.cfg\` (made by \`npm start\`) |
| broker | \`--config\`, else \`/etc/puppetlabs/mcollective/broker.cfg\`, else \`/etc/mcollective/broker.cfg\` |

\`~/.mcollective\` replaces the system file; nothing is merged. Beside each file a directory \`plugin.d\` is read:
\`key = value\` in \`plugin.d/NAME.cfg\` means \`plugin.NAME.key = value\`.

Any \`plugin.X.Y\` is allowed: agents define their own. Client and server files may hold each other's settings.

Booleans are \`1 yes true y t\` or \`0 no false n f\` in any case. Numbers are written as in Ruby: \`60\`, \`1_000\`, \`0x10\`.
Lists are separated by commas, several directories or files by colons. \`~/\` is the home directory; other relative paths are
relative to the directory of the configuration file. Variables of the environment come before the file.

In the keys below \`N\` stands for a number from 1, \`NAME\` for a name and \`CONNECTOR\` for the \`connector\` in use,
\`activemq\` or \`rabbitmq\`. Secrets are never printed: logs, \`mco rpc rpcutil get_config_item\` and error messages show
\`(secret)\` in their place.
`

/** The whole page, ending in a line end. */
export function renderSettingsPage(): string {
  const parts = [INTRODUCTION]
  for (const section of SECTIONS) {
    parts.push(`## ${section.title}\n`)
    const definitions = (DEFINITIONS as readonly Definition[]).filter(section.has)
    const rows = definitions.filter((d) => !d.deprecated && !d.ignored).map(row)
    parts.push(['| setting | type | default | used by | meaning |', '|---|---|---|---|---|', ...rows, ''].join('\n'))
    const without = definitions.filter((d) => d.deprecated || d.ignored)
    if (without.length > 0) parts.push(`Accepted without effect:\n\n${without.map(idle).join('\n')}\n`)
  }
  return parts.join('\n')
}

function row(d: Definition): string {
  const users = {
    client: 'client',
    server: 'node',
    both: 'client, node',
    broker: 'broker',
    all: 'client, node, broker',
  }
  return `| \`${d.key}\` | ${typeText(d)} | ${defaultText(d)} | ${users[d.for]} | ${d.about}${extras(d)} |`
}

function idle(d: Definition): string {
  return `- \`${d.key}\`: ${d.about} (${d.deprecated ?? d.ignored})`
}

function typeText(d: Definition): string {
  if (d.type === 'enum') return d.allowed!.map((word) => `\`${word}\``).join(' ')
  const range = d.min !== undefined && d.max !== undefined ? `, ${d.min} to ${d.max}` : ''
  const words: Partial<Record<Definition['type'], string>> = {
    address: 'host:port',
    paths: 'paths, `:` between',
  }
  return `${words[d.type] ?? d.type}${d.unit ? ` (${d.unit})` : ''}${d.fraction ? ', decimals allowed' : ''}${range}`
}

function defaultText(d: Definition): string {
  if (d.defaultText) return d.defaultText
  if (d.default === undefined) return '-'
  const text = Array.isArray(d.default) ? d.default.join(', ') : String(d.default)
  return `\`${text}\`${d.clientDefault ? `, clients \`${d.clientDefault}\`` : ''}`
}

function extras(d: Definition): string {
  const notes = []
  if (d.repeatable) notes.push(' May stand several times.')
  if (d.env) notes.push(` Environment: \`${d.env.replace(/[{}]/g, '')}\`.`)
  return notes.join('')
}
