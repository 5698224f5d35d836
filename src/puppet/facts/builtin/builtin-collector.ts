// Facts without Facter: the core names of Facter 4, structured and flat, from what the machine itself tells. Linux in full,
// other systems as far as node knows. docs/guide/facts-and-classes.md lists what is missing. [agents 16]

import type { FactCollector } from '../fact-source.ts'
import { normaliseFacts } from '../normalise-facts.ts'
import { hardwareFacts } from './hardware-facts.ts'
import { type Machine, thisMachine } from './machine.ts'
import { networkFacts } from './network-facts.ts'
import { osFacts } from './os-facts.ts'
import { virtualFacts } from './virtual-facts.ts'

/** Facts about `machine`, by default the one this process runs on. */
export function createBuiltinCollector(machine?: Machine): FactCollector {
  return {
    name: 'builtin',
    async collect() {
      return { source: 'builtin', facts: normaliseFacts(await builtinFacts(machine ?? thisMachine())) }
    },
  }
}

async function builtinFacts(machine: Machine): Promise<Record<string, unknown>> {
  const parts = await Promise.all([
    osFacts(machine),
    networkFacts(machine),
    hardwareFacts(machine),
    virtualFacts(machine),
    identityFacts(machine),
    puppetFacts(machine),
  ])
  const path = machine.env.PATH
  return Object.assign({ timezone: machine.timezone(), ...(path === undefined ? {} : { path }) }, ...parts)
}

async function identityFacts(machine: Machine): Promise<Record<string, unknown>> {
  const { uid, gid, name } = machine.user
  const groups = (await machine.read('/etc/group')) ?? ''
  const group = groups
    .split('\n')
    .find((line) => line.split(':')[2] === String(gid))
    ?.split(':')[0]
  return {
    id: name,
    ...(group ? { gid: group } : {}),
    identity: { gid, ...(group ? { group } : {}), privileged: uid === 0, uid, user: name },
  }
}

const GEM_DIRECTORIES = [
  '/usr/share/rubygems-integration/all/specifications',
  '/opt/puppetlabs/puppet/lib/ruby/vendor_gems/specifications',
]
const AIO_VERSION = '/opt/puppetlabs/puppet/VERSION'

/** The versions of an installed Puppet, from its package's files. */
async function puppetFacts(machine: Machine): Promise<Record<string, unknown>> {
  const aio = (await machine.read(AIO_VERSION))?.trim()
  const directories = [...GEM_DIRECTORIES]
  for (const version of await machine.list('/opt/puppetlabs/puppet/lib/ruby/gems')) {
    directories.push(`/opt/puppetlabs/puppet/lib/ruby/gems/${version}/specifications`)
  }
  for (const directory of directories) {
    for (const name of await machine.list(directory)) {
      const version = /^puppet-(\d[\d.]*)\.gemspec$/.exec(name)?.[1]
      if (version) return { puppetversion: version, ...(aio ? { aio_agent_version: aio } : {}) }
    }
  }
  return aio ? { aio_agent_version: aio } : {}
}
