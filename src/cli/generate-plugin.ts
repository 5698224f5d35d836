// `mco plugin generate`: a directory with a DDL and code that load and run as they are. [cli 8.7]

import { messageOf } from '#base/errors.ts'
import type { CommandContext } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { usageError } from './usage-error.ts'

const NAME = /^[a-z][a-z0-9_]*$/

export async function generatePlugin(context: CommandContext, words: readonly string[]): Promise<number> {
  const [kind, word, ...rest] = words
  const name = context.options.text('name') ?? word
  if (kind !== 'agent' && kind !== 'data')
    throw usageError('Please say what to generate: mco plugin generate agent|data <name>')
  if (name === undefined) throw usageError(`Please specify a name for the ${kind} plugin`)
  if (!NAME.test(name)) throw usageError(`'${name}' cannot name a plugin: lower case letters, digits and _ only`)
  const items = listOf(rest, kind === 'agent' ? 'actions' : 'outputs')
  if (kind === 'data' && items.length === 0) throw usageError('data plugin must have at least one output')
  const files = kind === 'agent' ? agentFiles(context, name, items) : dataFiles(context, name, items)
  for (const [path, text] of files) {
    await context.writeFile(path, text, { executable: path.endsWith('.sh') }).catch((error) => {
      throw usageError(`cannot create ${path}: ${messageOf(error)}; remove it, or choose another name`)
    })
  }
  const { terminal } = context
  if (context.json) {
    terminal.json({ directory: name, files: [...files.keys()] })
    return EXIT.ok
  }
  terminal.out(`Created plugin directory : ${name}`)
  for (const path of files.keys()) {
    terminal.out(`Created ${path.endsWith('.ddl') ? 'DDL' : kind === 'agent' ? 'Agent' : 'Data'} file : ${path}`)
  }
  const then = 'then: mco controller reload_agents'
  terminal.out(`\nCopy ${name}/${kind} into a libdir of the nodes, its DDL into one of the clients, ${then}`)
  return EXIT.ok
}

function listOf(words: readonly string[], key: string): string[] {
  const items: string[] = []
  for (const word of words) {
    const [given, values] = word.split('=', 2)
    if (given !== key || values === undefined) throw usageError(`Could not parse '${word}', expected ${key}=one,two`)
    items.push(...values.split(',').filter((item) => item !== ''))
  }
  for (const item of items)
    if (!NAME.test(item)) throw usageError(`'${item}' cannot be a name: lower case letters, digits and _ only`)
  return [...new Set(items)]
}

function agentFiles(context: CommandContext, name: string, named: readonly string[]): Map<string, string> {
  const actions = named.length > 0 ? named : ['hello']
  const files = new Map([[`${name}/agent/${name}.ddl`, agentDdl(context, name, actions)]])
  const language = context.options.text('language') ?? 'typescript'
  if (language === 'typescript') files.set(`${name}/agent/${name}.ts`, agentModule(actions))
  else if (language === 'script')
    for (const action of actions) files.set(`${name}/agent/${name}/${action}.sh`, agentScript(name, action))
  else throw usageError(`--language is typescript or script, not ${language}`)
  return files
}

function metadata(context: CommandContext, name: string): string {
  const { options, settings } = context
  const value = (option: string, setting: string, fallback: string): string =>
    quoted(options.text(option) ?? settings.setting(`plugin.metadata.${setting}`) ?? fallback)
  return `metadata :name        => ${quoted(name)},
         :description => ${value('description', 'description', `What ${name} does`)},
         :author      => ${value('author', 'author', 'Your Name')},
         :license     => ${value('license', 'license', 'Apache-2.0')},
         :version     => ${value('pluginversion', 'version', '1.0.0')},
         :url         => ${value('url', 'url', 'https://example.com/')},
         :timeout     => ${options.number('timeout') ?? settings.setting('plugin.metadata.timeout') ?? 10}
`
}

/** A DDL string: single quotes know two escapes. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replace(/\s+/g, ' ')}'`
}

function agentDdl(context: CommandContext, name: string, actions: readonly string[]): string {
  const blocks = actions.map(
    (action) => `
action ${quoted(action)}, :description => ${quoted(`What ${action} does`)} do
  display :always

  input :message,
        :prompt      => 'Message',
        :description => 'A text to send',
        :type        => :string,
        :validation  => '^.+$',
        :optional    => true,
        :maxlength   => 120

  output :answer,
         :description => 'What the node says',
         :display_as  => 'Answer'
end
`,
  )
  return metadata(context, name) + blocks.join('')
}

function agentModule(actions: readonly string[]): string {
  const handlers = actions.map(
    (action) => `    // Returns outputs, or throws new ActionFailed(1, 'why not') to fail.
    ${action}: async (call, node) => ({
      answer: \`\${node.identity} got \${call.data.message ?? 'nothing'} from \${call.caller}\`,
    }),`,
  )
  return `// Programs are run with host.run(['/usr/bin/id', '-u'], { signal: call.signal }): a list of words, never a shell line.
export default ({ defineAgent, ActionFailed, host }) => defineAgent({
  actions: {
${handlers.join('\n')}
  },
})
`
}

function agentScript(name: string, action: string): string {
  return `#!/bin/sh
# ${name}#${action}: the request is JSON in $MCOLLECTIVE_REQUEST_FILE, the answer goes as JSON to $MCOLLECTIVE_REPLY_FILE. What is
# printed goes to the node's log, the exit code is the status code: 0 OK, 1 aborted.
printf '{"answer": "%s"}\\n' "$(uname -n)" > "$MCOLLECTIVE_REPLY_FILE"
`
}

function dataFiles(context: CommandContext, name: string, outputs: readonly string[]): Map<string, string> {
  const declared = outputs.map(
    (output) => `
  output :${output},
         :description => ${quoted(`What ${output} means`)},
         :display_as  => ${quoted(output)}
`,
  )
  const ddl = `${metadata(context, name)}
dataquery :description => ${quoted(`What ${name} tells`)} do
  input :query,
        :prompt      => 'Query',
        :description => 'What to look up',
        :type        => :string,
        :validation  => '^.+$',
        :maxlength   => 120
${declared.join('')}end
`
  const code = `export default {
  query: async (query, node, signal) => ({ ${outputs.map((output) => `${output}: ''`).join(', ')} }),
}
`
  return new Map([
    [`${name}/data/${name}_data.ddl`, ddl],
    [`${name}/data/${name}_data.ts`, code],
  ])
}
