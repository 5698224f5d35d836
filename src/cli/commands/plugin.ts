// `mco plugin doc | generate | types`: documentation of installed plugins, the start of a new one, and its types. [cli 8.7, M-010, M-011]

import type { AgentDdl, Ddl, PluginKind } from '#rpc/ddl/ddl.ts'
import { renderDdl } from '#rpc/ddl/doc.ts'
import { candidates, pluginCandidates } from '../candidates.ts'
import type { Command, CommandContext } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { oneLine } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

const ACTIONS = ['doc', 'generate', 'info', 'package', 'types']

export const plugin: Command = {
  name: 'plugin',
  summary: 'MCollective plugin application: documentation, generators, packages, types',
  usage: [
    'plugin doc [<plugin> | <type>/<plugin>]',
    'plugin generate agent <name> [actions=val,val]',
    'plugin generate data <name> [outputs=val,val]',
    'plugin info <directory>',
    'plugin package <directory>',
    'plugin types <agent>',
  ],
  options: [
    { name: 'name', short: 'n', value: 'NAME', description: 'Plugin name' },
    { name: 'description', value: 'DESCRIPTION', description: 'Plugin description' },
    { name: 'author', value: 'AUTHOR', description: 'Author of the plugin' },
    { name: 'license', value: 'LICENSE', description: 'License of the plugin' },
    { name: 'pluginversion', value: 'VERSION', description: 'Version of the plugin' },
    { name: 'url', value: 'URL', description: 'Where the plugin can be found' },
    { name: 'timeout', value: 'SECONDS', type: 'integer', description: 'Seconds an action may run' },
    {
      name: 'language',
      value: 'LANGUAGE',
      choices: ['typescript', 'script'],
      description: 'typescript (default) or script: one program per action',
    },
    {
      name: 'format',
      value: 'FORMAT',
      description: 'ospackage (default: deb on Debian, tar elsewhere), deb, puppet or tar',
    },
    { name: 'revision', value: 'REVISION', type: 'integer', description: 'Revision of the package (default 1)' },
    { name: 'vendor', value: 'VENDOR', description: 'Vendor of the package, publisher of the Puppet module' },
    { name: 'pluginpath', value: 'DIRECTORY', description: 'libdir it is for (default /usr/share/mcollective)' },
    { name: 'dependency', value: 'PACKAGE', multiple: true, description: 'Another package the deb needs' },
    { name: 'mcname', value: 'PACKAGE', description: 'Package of the daemon that the deb needs' },
    { name: 'mcversion', value: 'VERSION', description: 'Least version of that package' },
    { name: 'preinstall', value: 'SCRIPT', description: 'Script the deb runs before it is installed' },
    { name: 'postinstall', value: 'SCRIPT', description: 'Script the deb runs afterwards' },
  ],
  groups: [],
  notes: [
    'doc shows what is installed here, in libdir and with the product. generate writes a directory of the plugin name, ready to be loaded',
    'by nodes; the settings plugin.metadata.author and so on are its defaults. package writes',
    'packages of such a directory: for an agent common, agent and client, as far as there are files for them. A deb does nothing but put files',
    'into libdir; mco controller reload_agents makes them callable. There is no rpm: use the Puppet module. types writes the actions of an agent as',
    'a TypeScript interface.',
  ],
  json: {
    shape: '[{"kind", "name", "description"}]',
    note: 'doc of one plugin: its DDL; generate: {"directory", "files"}; info and package: the plugin and its files',
  },
  examples: [
    { says: 'all plugins', type: 'plugin doc' },
    { says: 'one of them', type: 'plugin doc rpcutil' },
    { says: 'one of two with the same name', type: 'plugin doc data/agent' },
    { says: 'the start of an agent', type: 'plugin generate agent backup actions=start,status --author "Ops"' },
    { says: 'Debian packages of it', type: 'plugin package backup --format deb --dependency rsync' },
    { says: 'a Puppet module of it', type: 'plugin package backup --format puppet --vendor example' },
    { says: 'types for a TypeScript agent or script', type: 'plugin types backup > backup-actions.ts' },
  ],
  complete({ plugins }, [action, name]) {
    if (action === undefined) return candidates(...ACTIONS)
    if (name !== undefined) return []
    if (action === 'generate') return candidates('agent', 'data')
    if (action === 'types') return pluginCandidates(plugins, 'agent')
    return action === 'doc' ? pluginCandidates(plugins) : []
  },
  async run(context) {
    const [action, ...rest] = context.words
    switch (action) {
      case 'doc':
        return document(context, rest[0])
      case 'generate':
        return (await import('../generate-plugin.ts')).generatePlugin(context, rest)
      case 'info':
        return (await import('../package-plugin.ts')).describePlugin(context, rest[0])
      case 'package':
        return (await import('../package-plugin.ts')).packagePlugin(context, rest[0])
      case 'types':
        return types(context, rest[0])
      case undefined:
        throw usageError("No action specified, please run 'mco help plugin' for help")
      default:
        throw usageError(
          `Invalid action ${action}, please run 'mco help plugin' for help. Known are ${ACTIONS.join(', ')}`,
        )
    }
  },
}

const SECTIONS: readonly [PluginKind, string][] = [
  ['agent', 'Agents'],
  ['aggregate', 'Aggregate'],
  ['connector', 'Connectors'],
  ['data', 'Data Queries'],
  ['discovery', 'Discovery Methods'],
  ['validator', 'Validator Plugins'],
]

function document(context: CommandContext, asked: string | undefined): number {
  const { terminal, json } = context
  if (asked === undefined) return documentAll(context)
  const ddl = findPlugin(context, asked)
  if (json) terminal.json(ddl)
  else terminal.out(renderDdl(ddl))
  return EXIT.ok
}

function documentAll({ terminal, plugins, json }: CommandContext): number {
  const all = plugins.list()
  if (json) {
    terminal.json(
      all.map(({ kind, name, ddl, error }) => ({ kind, name, description: ddl?.metadata.description, error })),
    )
    return EXIT.ok
  }
  terminal.out('Please specify a plugin. Available plugins are:\n')
  for (const [kind, title] of SECTIONS) {
    const found = all.filter((entry) => entry.kind === kind && entry.ddl !== undefined)
    if (found.length === 0) continue
    const rows = found.map(({ name, ddl }) => `  ${name.padEnd(25)} ${oneLine(ddl?.metadata.description ?? '')}`)
    terminal.out([`${title}:`, ...rows, ''].join('\n'))
  }
  const broken = all.filter((entry) => entry.error !== undefined)
  if (broken.length > 0) {
    const rows = broken.map(
      ({ kind, name, error }) => `  ${`${kind}/${name}`.padEnd(25)} ${terminal.style('yellow', oneLine(error ?? ''))}`,
    )
    terminal.out(['Plugin Load Errors:', ...rows, ''].join('\n'))
  }
  return EXIT.ok
}

function findPlugin({ plugins }: CommandContext, asked: string): Ddl {
  const [kind, name] = asked.includes('/') ? asked.split('/', 2) : [undefined, asked]
  const matching = plugins.list().filter((entry) => entry.name === name && (kind === undefined || entry.kind === kind))
  if (matching.length > 1) {
    const paths = matching.map((entry) => `${entry.kind}/${entry.name}`)
    throw usageError(`Duplicate plugin name found, please specify a full path like ${paths.join(' or ')}`)
  }
  const [entry] = matching
  if (!entry) {
    if (kind !== undefined) throw usageError(`Could not find a '${kind}' plugin named '${name}'`)
    throw usageError(`Could not find a plugin named '${name}' in any supported plugin type`)
  }
  return plugins.load(entry.kind, entry.name)
}

async function types(context: CommandContext, agent: string | undefined): Promise<number> {
  if (agent === undefined) throw usageError('Please name the agent whose types are wanted')
  const { typesFromDdl } = await import('#rpc/ddl/types.ts')
  context.terminal.out(typesFromDdl(context.plugins.load('agent', agent) as AgentDdl))
  return EXIT.ok
}
