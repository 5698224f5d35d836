import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Facts } from '../fact-source.ts'
import { createBuiltinCollector } from './builtin-collector.ts'
import { sizeText } from './hardware-facts.ts'
import type { Machine } from './machine.ts'
import { networkOf } from './network-facts.ts'

const ROCKY: Readonly<Record<string, string>> = {
  '/etc/os-release':
    'NAME="Rocky Linux"\nVERSION="9.3 (Blue Onyx)"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.3"\nPRETTY_NAME="Rocky Linux 9.3 (Blue Onyx)"\n',
  '/etc/hosts': '127.0.0.1 localhost\n192.0.2.77 web1.example.com web1 # here\n',
  '/etc/group': 'root:x:0:\nwheel:x:10:root\n',
  '/proc/meminfo':
    'MemTotal:        4045660 kB\nMemFree:          100000 kB\nMemAvailable:    2022830 kB\nSwapTotal:       2097152 kB\nSwapFree:        1048576 kB\n',
  '/proc/cpuinfo':
    'physical id\t: 0\nsiblings\t: 4\ncpu cores\t: 2\nflags\t\t: fpu hypervisor\n\nphysical id\t: 1\nsiblings\t: 4\ncpu cores\t: 2\nflags\t\t: fpu hypervisor\n',
  '/proc/net/route':
    'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\nens3\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\nlo\t0000007F\t0\t1\t0\t0\t0\t000000FF\n',
  '/sys/class/net/ens3/address': '52:54:00:ab:cd:ef\n',
  '/sys/class/net/ens3/mtu': '1500\n',
  '/sys/class/net/lo/address': '00:00:00:00:00:00\n',
  '/sys/class/net/lo/mtu': '65536\n',
  '/sys/class/dmi/id/sys_vendor': 'Red Hat\n',
  '/sys/class/dmi/id/product_name': 'KVM\n',
  '/sys/fs/selinux/enforce': '1',
}

function machineOf(files: Readonly<Record<string, string>>, more: Partial<Machine> = {}): Machine {
  return {
    read: async (path) => files[path],
    list: async (path) => {
      const inside = Object.keys(files).filter((name) => name.startsWith(`${path}/`))
      return [...new Set(inside.map((name) => name.slice(path.length + 1).split('/')[0]!))].sort()
    },
    kernel: 'Linux',
    kernelRelease: '5.14.0-362.8.1.el9_3.x86_64',
    hardware: 'x86_64',
    hostname: 'web1',
    env: { PATH: '/usr/bin:/bin' },
    user: { uid: 0, gid: 0, name: 'root' },
    interfaces: () => ({
      lo: [{ address: '127.0.0.1', netmask: '255.0.0.0', family: 'IPv4', mac: '00:00:00:00:00:00' }],
      ens3: [
        { address: '169.254.1.1', netmask: '255.255.0.0', family: 'IPv4', mac: '52:54:00:ab:cd:ef' },
        { address: '192.0.2.77', netmask: '255.255.255.0', family: 'IPv4', mac: '52:54:00:ab:cd:ef' },
        { address: 'fe80::1', netmask: 'ffff:ffff:ffff:ffff::', family: 'IPv6', mac: '52:54:00:ab:cd:ef' },
        { address: '2001:db8::77', netmask: 'ffff:ffff:ffff:ffff::', family: 'IPv6', mac: '52:54:00:ab:cd:ef' },
      ],
    }),
    cpuModels: () => ['Xeon', 'Xeon', 'Xeon', 'Xeon'],
    load: () => [0.123, 1, 2.5],
    memory: () => ({ totalBytes: 1024, freeBytes: 512 }),
    uptimeSeconds: () => 90_061,
    timezone: () => 'UTC',
    ...more,
  }
}

async function factsOf(machine: Machine): Promise<Facts> {
  return (await createBuiltinCollector(machine).collect(new AbortController().signal)).facts
}

test('createBuiltinCollector: flat names of Facter on a Red Hat like machine', async () => {
  const facts = await factsOf(machineOf(ROCKY))
  const expected = {
    osfamily: 'RedHat',
    operatingsystem: 'Rocky',
    operatingsystemrelease: '9.3',
    operatingsystemmajrelease: '9',
    architecture: 'x86_64',
    hardwaremodel: 'x86_64',
    kernel: 'Linux',
    kernelrelease: '5.14.0-362.8.1.el9_3.x86_64',
    kernelversion: '5.14.0',
    kernelmajversion: '5.14',
    hostname: 'web1',
    domain: 'example.com',
    fqdn: 'web1.example.com',
    interfaces: 'ens3,lo',
    ipaddress: '192.0.2.77',
    netmask: '255.255.255.0',
    network: '192.0.2.0',
    ipaddress6: '2001:db8::77',
    network6: '2001:db8::',
    scope6: 'global',
    macaddress: '52:54:00:ab:cd:ef',
    mtu_ens3: '1500',
    ipaddress_lo: '127.0.0.1',
    memorysize: '3.86 GiB',
    memorysize_mb: '3950.83984375',
    memoryfree_mb: '1975.419921875',
    swapsize_mb: '2048',
    swapfree_mb: '1024',
    processorcount: '4',
    physicalprocessorcount: '2',
    processor0: 'Xeon',
    uptime: '1 day',
    uptime_days: '1',
    uptime_hours: '25',
    uptime_seconds: '90061',
    virtual: 'kvm',
    is_virtual: 'true',
    selinux: 'true',
    selinux_enforced: 'true',
    id: 'root',
    gid: 'root',
    timezone: 'UTC',
    path: '/usr/bin:/bin',
    productname: 'KVM',
  }
  for (const [name, value] of Object.entries(expected)) assert.equal(facts[name], value, name)
  assert.equal(facts.facterversion, undefined)
})

test('createBuiltinCollector: structured facts of Facter', async () => {
  const facts = JSON.parse(JSON.stringify(await factsOf(machineOf(ROCKY))))
  assert.deepEqual(facts.os.release, { full: '9.3', major: '9', minor: '3' })
  assert.equal(facts.os.family, 'RedHat')
  assert.equal(facts.os.selinux.current_mode, 'enforcing')
  assert.equal(facts.networking.primary, 'ens3')
  assert.equal(facts.networking.fqdn, 'web1.example.com')
  assert.equal(facts.networking.interfaces.ens3.bindings.length, 2)
  assert.equal(facts.networking.interfaces.lo.mac, undefined)
  assert.equal(facts.networking.ip6, '2001:db8::77')
  assert.equal(facts.memory.system.capacity, '50.00%')
  assert.equal(facts.memory.swap.total, '2.00 GiB')
  assert.deepEqual(facts.processors.threads, '2')
  assert.deepEqual(facts.system_uptime, { days: '1', hours: '25', seconds: '90061', uptime: '1 day' })
  assert.deepEqual(facts.load_averages, { '1m': '0.12', '5m': '1', '15m': '2.5' })
  assert.deepEqual(facts.dmi, { manufacturer: 'Red Hat', product: { name: 'KVM' } })
  assert.deepEqual(facts.identity, { gid: '0', group: 'root', privileged: 'true', uid: '0', user: 'root' })
})

const RELEASES: readonly (readonly [string, Record<string, string>, readonly string[]])[] = [
  [
    'Debian',
    { '/etc/os-release': 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm', '/etc/debian_version': '12.11\n' },
    ['Debian', 'Debian', '12.11', '12'],
  ],
  ['Ubuntu', { '/etc/os-release': 'ID=ubuntu\nVERSION_ID="22.04"' }, ['Debian', 'Ubuntu', '22.04', '22.04']],
  [
    'CentOS 7',
    { '/etc/os-release': 'ID="centos"\nVERSION_ID="7"', '/etc/redhat-release': 'CentOS Linux release 7.9.2009 (Core)' },
    ['RedHat', 'CentOS', '7.9.2009', '7'],
  ],
  ['SLES', { '/etc/os-release': 'ID="sles"\nVERSION_ID="15.5"' }, ['Suse', 'SLES', '15.5', '15']],
  [
    'an unknown derivative',
    { '/etc/os-release': 'NAME="Nova OS"\nID=nova\nID_LIKE="ubuntu debian"\nVERSION_ID=3' },
    ['Debian', 'Nova', '3', '3'],
  ],
]
for (const [name, files, [family, system, full, major]] of RELEASES) {
  test(`createBuiltinCollector: family, name and release of ${name}`, async () => {
    const facts = await factsOf(machineOf(files))
    assert.deepEqual(
      [facts.osfamily, facts.operatingsystem, facts.operatingsystemrelease, facts.operatingsystemmajrelease],
      [family, system, full, major],
    )
  })
}

const KINDS: readonly (readonly [string, Record<string, string>])[] = [
  ['physical', {}],
  ['docker', { '/.dockerenv': '' }],
  ['podman', { '/run/.containerenv': '' }],
  ['lxc', { '/proc/1/environ': 'HOME=/\0container=lxc\0' }],
  ['systemd_nspawn', { '/run/systemd/container': 'systemd-nspawn\n' }],
  ['vmware', { '/sys/class/dmi/id/sys_vendor': 'VMware, Inc.\n' }],
  ['virtualbox', { '/sys/class/dmi/id/product_name': 'VirtualBox\n' }],
  [
    'hyperv',
    { '/sys/class/dmi/id/sys_vendor': 'Microsoft Corporation', '/sys/class/dmi/id/product_name': 'Virtual Machine' },
  ],
  ['gce', { '/sys/class/dmi/id/product_name': 'Google Compute Engine' }],
  ['xenu', { '/proc/xen/capabilities': '' }],
]
for (const [kind, files] of KINDS) {
  test(`createBuiltinCollector: virtual is ${kind}`, async () => {
    const facts = await factsOf(machineOf(files))
    assert.equal(facts.virtual, kind)
    assert.equal(facts.is_virtual, String(kind !== 'physical'))
  })
}

test('createBuiltinCollector: a machine of which nothing can be read still has facts', async () => {
  const facts = await factsOf(machineOf({}, { kernel: 'Darwin', interfaces: () => ({}), cpuModels: () => [] }))
  assert.equal(facts.osfamily, 'Darwin')
  assert.equal(facts.hostname, 'web1')
  assert.equal(facts.memorysize, '1.00 KiB')
  assert.equal(facts.ipaddress, undefined)
  assert.equal(facts.swapsize_mb, undefined)
})

test('createBuiltinCollector: the domain comes from the host name, then /etc/hosts, then resolv.conf', async () => {
  const domain = async (files: Record<string, string>, hostname = 'web1') =>
    (await factsOf(machineOf(files, { hostname }))).domain
  assert.equal(await domain({}, 'web1.a.example'), 'a.example')
  assert.equal(
    await domain({ '/etc/hosts': '192.0.2.1 web1 web1.b.example', '/etc/resolv.conf': 'search c.example' }),
    'b.example',
  )
  assert.equal(
    await domain({ '/etc/hosts': '192.0.2.1 other.b.example', '/etc/resolv.conf': 'search c.example d.example' }),
    'c.example',
  )
  assert.equal(await domain({}), undefined)
})

test('createBuiltinCollector: versions of Puppet from its files', async () => {
  const facts = await factsOf(
    machineOf({
      '/opt/puppetlabs/puppet/VERSION': '7.29.1\n',
      '/opt/puppetlabs/puppet/lib/ruby/gems/2.7.0/specifications/puppet-7.29.0.gemspec': '',
    }),
  )
  assert.deepEqual([facts.puppetversion, facts.aio_agent_version], ['7.29.0', '7.29.1'])
})

test('networkOf: the network of an address', () => {
  assert.equal(networkOf('10.1.2.3', '255.255.240.0'), '10.1.0.0')
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6', 'ffff:ffff:ffff:ffff::'), '2001:db8:1:2::')
  assert.equal(networkOf('::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'), '::1')
  assert.equal(networkOf('fe80::1%eth0', 'ffff:ffff:ffff:ffff::'), 'fe80::')
  assert.equal(networkOf('1:0:0:2::3', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'), '1:0:0:2::3')
})

test('sizeText: sizes as Facter writes them', () => {
  assert.deepEqual([0, 1023, 1024, 1_048_575, 25_276_514_304].map(sizeText), [
    '0 bytes',
    '1023 bytes',
    '1.00 KiB',
    '1.00 MiB',
    '23.54 GiB',
  ])
})
