// The requirement document's examples, in a lab: user peadmin on puppetmaster.example.com, nodes there and on
// agent.example.com. Each file of transcripts/ and redhat-transcripts/ is one test.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { type Collective, startCollective } from '../../lab/collective.ts'
import { createLab, type Lab } from '../../lab/lab.ts'
import { addService } from '../../lab/service.ts'
import { ensurePackage } from '../debian-package.ts'
import { makeRepositories, type Repositories, useApt, useDnf } from './package-hosts.ts'
import { difference, parseTranscript } from './transcript.ts'

const HOSTS = ['puppetmaster.example.com', 'agent.example.com'] as const

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
    lab = await createLab({ hosts: HOSTS })
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

  everyTranscript('transcripts', () => collective)
})

describe('transcripts of services and packages, on nodes of RedHat by their facts', () => {
  let lab: Lab
  let collective: Collective
  let repositories: Repositories | undefined
  before(async () => {
    ensurePackage('rpm', '/usr/bin/rpmbuild')
    ensurePackage('dnf', '/usr/bin/dnf')
    ensurePackage('createrepo-c', '/usr/bin/createrepo_c')
    repositories = makeRepositories()
    lab = await createLab({ hosts: HOSTS })
    const [master, agent] = HOSTS.map((name) => lab.host(name))
    await useDnf(master!, repositories)
    await useApt(agent!, repositories)
    for (const host of lab.hosts) await addService(host, 'sshd')
    await addService(agent!, 'stubborn', { stop: 'true' })
    const facts = { osfamily: 'RedHat' }
    collective = await startCollective(lab, { facts: Object.fromEntries(HOSTS.map((name) => [name, facts])) })
  })
  after(async () => {
    await lab?.down()
    repositories?.remove()
  })

  everyTranscript('redhat-transcripts', () => collective)
})

/** One test for each file of a folder, in the order of their names. */
function everyTranscript(name: string, collective: () => Collective): void {
  const folder = new URL(`./${name}/`, import.meta.url)
  for (const file of readdirSync(folder).sort()) {
    test(file, async () => {
      for (const step of parseTranscript(readFileSync(new URL(file, folder), 'utf8'))) {
        const { stdout, code } = await collective().mco(`${step.command} 2>&1`)
        const wrong = difference(step, stdout, code)
        if (wrong !== undefined) assert.fail(wrong)
      }
    })
  }
}
