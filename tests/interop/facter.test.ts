// The built-in collector against the real Facter: every core name that Facter gives on this machine must have the same value
// here. Installs Debian's Facter when there is none. [agents 16]

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { createBuiltinCollector } from '../../src/puppet/facts/builtin/builtin-collector.ts'
import type { Fact, Facts } from '../../src/puppet/facts/fact-source.ts'
import { createFacterCollector, type RunCommand } from '../../src/puppet/facts/facter-collector.ts'
import { ensurePackage } from '../debian-package.ts'

const run: RunCommand = async ([program, ...args], { timeoutSeconds, signal, env }) => {
  const options = { timeout: timeoutSeconds * 1000, signal, env: { PATH: process.env.PATH, HOME: '/root', ...env } }
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, options)
    return { status: 0, stdout, stderr, truncated: false }
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string }
    return { status: typeof code === 'number' ? code : -1, stdout, stderr, truncated: false }
  }
}

/** Names whose values stand still between two readings. */
const CORE = `architecture domain fqdn gid hardwaremodel hostname id interfaces ipaddress ipaddress6 is_virtual kernel
kernelmajversion kernelrelease kernelversion lsbdistcodename lsbdistdescription lsbdistid lsbdistrelease lsbmajdistrelease
macaddress memorysize memorysize_mb netmask netmask6 network network6 operatingsystem operatingsystemmajrelease
operatingsystemrelease osfamily physicalprocessorcount processor0 processorcount scope6 selinux swapsize_mb timezone virtual
os.architecture os.family os.hardware os.name os.release os.selinux os.distro
networking.fqdn networking.hostname networking.domain networking.ip networking.ip6 networking.mac networking.mtu networking.netmask
networking.network networking.primary networking.scope6
memory.system.total memory.system.total_bytes processors.count processors.models processors.physicalcount
identity dmi.manufacturer dmi.product.name`.split(/\s+/)

/** What every Linux machine with Facter has. */
const ALWAYS =
  'fqdn hostname id interfaces kernel kernelrelease memorysize_mb operatingsystem osfamily os.family os.release'.split(
    ' ',
  )

/** Facter's flags of IPv6 addresses are left out here. */
function valueAt(facts: Facts, path: string): Fact | undefined {
  let at: Fact | undefined = facts
  for (const part of path.split('.')) {
    if (typeof at !== 'object' || Array.isArray(at)) return undefined
    at = (at as Facts)[part]
  }
  return at
}

test('createBuiltinCollector: core facts have the values of the real Facter', async () => {
  const signal = new AbortController().signal
  const facter = createFacterCollector({ run, timeoutSeconds: 60 })
  if (!(await facter.present())) ensurePackage('facter', '/usr/bin/facter')
  const theirs = (await facter.collect(signal)).facts
  const ours = (await createBuiltinCollector().collect(signal)).facts
  const given = CORE.filter((name) => valueAt(theirs, name) !== undefined)
  for (const name of ALWAYS) assert.ok(given.includes(name), `Facter gives ${name}`)
  for (const name of given) assert.deepEqual(valueAt(ours, name), valueAt(theirs, name), name)
})
