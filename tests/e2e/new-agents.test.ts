// Agents that come to running nodes: as a Debian package, dropped into libdir, in JavaScript and in Python; callable after reload_agents, the
// daemons running on. Each file of agent-transcripts/ is one test.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { type Collective, startCollective } from '../../lab/collective.ts'
import { createLab, type Lab } from '../../lab/lab.ts'
import { difference, parseTranscript } from './transcript.ts'

const folder = new URL('./agent-transcripts/', import.meta.url)
const HOSTS = ['puppetmaster.example.com', 'agent.example.com']

const ddl = (
  name: string,
  action: string,
  input: string,
  output: string,
): string => `metadata :name        => '${name}',
         :description => 'For a test',
         :author      => 'Troupe',
         :license     => 'Apache-2.0',
         :version     => '1.0.0',
         :url         => 'https://example.com/',
         :timeout     => 10

action '${action}', :description => 'Does it' do
  display :always

  input :${input},
        :prompt      => 'Input',
        :description => 'An input',
        :type        => :${input === 'to' ? 'integer' : "string,\n        :validation  => '^.+$',\n        :maxlength   => 120"},
        :optional    => false

  output :${output},
         :description => 'The output',
         :display_as  => 'Answer'
end
`

/** What is put into libdir. */
const FILES: Readonly<Record<string, { readonly text: string; readonly mode?: number }>> = {
  'greet.ddl': { text: ddl('greet', 'say', 'message', 'answer') },
  'greet.mjs': {
    text: "export default { actions: { say: (call, node) => ({ answer: [node.identity, 'got', call.data.message].join(' ') }) } }\n",
  },
  'second/greet.mjs': { text: "export default { actions: { say: () => ({ answer: 'second version' }) } }\n" },
  'count.ddl': { text: ddl('count', 'steps', 'to', 'steps') },
  'count/steps.py': {
    mode: 0o755,
    text: `#!/usr/bin/env python3
import json, os, time
request = json.load(open(os.environ["MCOLLECTIVE_REQUEST_FILE"]))
to = request["data"]["to"]
with os.fdopen(int(os.environ["MCOLLECTIVE_PROGRESS_FD"]), "w") as progress:
    for step in range(to):
        print(f"{step * 100 // to}% step {step} of {to}", file=progress, flush=True)
        time.sleep(0.1)
json.dump({"steps": to}, open(os.environ["MCOLLECTIVE_REPLY_FILE"], "w"))
`,
  },
}

describe('new agents', () => {
  let lab: Lab
  let collective: Collective
  before(async () => {
    lab = await createLab({ hosts: HOSTS })
    collective = await startCollective(lab)
  })
  after(() => lab?.down())

  /** `@copy FILE... HOST:FOLDER`: as scp would, from peadmin's home. */
  async function copy(words: readonly string[]): Promise<void> {
    const [host = '', target = ''] = (words.at(-1) ?? '').split(':')
    for (const name of words.slice(0, -1)) {
      const text = await collective.master.run(['base64', '-w0', `/home/peadmin/${name}`])
      await lab.host(host).run(['sh', '-c', 'base64 -d > "$0"', `${target}/${name}`], { input: text })
    }
  }

  /** `@put FOLDER FILE...`: on every host. */
  async function put([target = '', ...names]: readonly string[]): Promise<void> {
    for (const host of lab.hosts) {
      for (const name of names) {
        const { text, mode = 0o644 } = FILES[name] ?? { text: '' }
        assert.notEqual(text, '', `there is no ${name} to put`)
        await host.writeFile(`${target}/${name.replace('second/', '')}`, text, { mode })
      }
    }
  }

  async function perform(command: string): Promise<{ stdout: string; code: number }> {
    const [, first, rest = ''] = /^@(\S+) (.*)$/.exec(command) ?? []
    if (first === undefined) return collective.mco(`${command} 2>&1`)
    if (first === 'copy') await copy(rest.split(' '))
    else if (first === 'put') await put(rest.split(' '))
    else return lab.host(first).exec(['bash', '-c', `cd; (${rest}) 2>&1`])
    return { stdout: '', code: 0 }
  }

  for (const file of readdirSync(folder).sort()) {
    test(file, async () => {
      for (const step of parseTranscript(readFileSync(new URL(file, folder), 'utf8'))) {
        const { stdout, code } = await perform(step.command)
        const wrong = difference(step, stdout, code)
        if (wrong !== undefined) assert.fail(wrong)
      }
    })
  }
})
