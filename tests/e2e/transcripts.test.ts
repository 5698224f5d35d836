// The requirement document's examples, in a lab: user peadmin on puppetmaster.example.com, nodes there and on
// agent.example.com. Each file of transcripts/ is one test.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { type Collective, startCollective } from '../../lab/collective.ts'
import { createLab, type Lab } from '../../lab/lab.ts'
import { ensurePackage } from '../debian-package.ts'
import { difference, parseTranscript } from './transcript.ts'

const folder = new URL('./transcripts/', import.meta.url)

const CLASSES = [
  ...['default', 'helloworld', 'helloworld', 'pe_accounts', 'pe_accounts', 'pe_accounts::data', 'pe_accounts::groups'],
  ...['pe_compliance', 'pe_compliance', 'pe_compliance::agent', 'pe_mcollective', 'pe_mcollective'],
  ...['pe_mcollective::metadata', 'pe_mcollective::plugins', 'settings'],
]

test('difference: tells a screen that is right from one that is not', () => {
  const [step] = parseTranscript('$ x\n~ any order\na  b\nc {n}\n~\n...\nend {ms} ms\n')
  assert.equal(difference(step!, 'c 12\n a b \n\nwhatever\nend 1.25 ms\n', 0), undefined)
  assert.equal(difference(step!, 'a b\nc 1\nend 1.25 ms\n', 0), undefined)
  assert.match(difference(step!, 'a b\nc x\nend 1.25 ms\n', 0) ?? '', /another screen/)
  assert.match(difference(step!, 'a b\nc 1\nend 1.25 ms\nmore\n', 0) ?? '', /another screen/)
  assert.match(difference(step!, 'a b\nc 1\nend 1.25 ms\n', 1) ?? '', /exit code 1, expected 0/)
})

describe('transcripts', () => {
  let lab: Lab
  let collective: Collective
  before(async () => {
    ensurePackage('puppet-agent', '/usr/bin/puppet')
    lab = await createLab({ hosts: ['puppetmaster.example.com', 'agent.example.com'] })
    collective = await startCollective(lab, {
      facts: {
        'puppetmaster.example.com': { architecture: 'x86_64', osfamily: 'RedHat', fqdn: 'puppetmaster.example.com' },
        'agent.example.com': {
          architecture: 'i386',
          augeasversion: '0.7.2',
          osfamily: 'Debian',
          fqdn: 'agent.example.com',
        },
      },
      classes: { 'agent.example.com': CLASSES },
    })
  })
  after(() => lab?.down())

  for (const file of readdirSync(folder).sort()) {
    test(file, async () => {
      for (const step of parseTranscript(readFileSync(new URL(file, folder), 'utf8'))) {
        const { stdout, code } = await collective.mco(`${step.command} 2>&1`)
        const wrong = difference(step, stdout, code)
        if (wrong !== undefined) assert.fail(wrong)
      }
    })
  }
})
