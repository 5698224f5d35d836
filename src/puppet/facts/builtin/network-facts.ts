// Host name, interfaces and addresses, as Facter 4 names them.

import type { InterfaceAddress, Machine } from './machine.ts'

export async function networkFacts(machine: Machine): Promise<Record<string, unknown>> {
  const { hostname, domain } = await hostNames(machine)
  const fqdn = domain ? `${hostname}.${domain}` : hostname
  const interfaces = await interfacesOf(machine)
  const primary = (await defaultRoute(machine, interfaces)) ?? firstWithAddress(interfaces)
  const main = primary === undefined ? {} : (interfaces[primary] ?? {})
  const { bindings: _, bindings6: __, ...address } = main
  return {
    hostname,
    fqdn,
    ...(domain ? { domain } : {}),
    networking: {
      fqdn,
      hostname,
      ...(domain ? { domain } : {}),
      interfaces,
      ...(primary === undefined ? {} : { primary }),
      ...address,
    },
    interfaces: Object.keys(interfaces).map(legacyName).sort().join(','),
    ...legacyFacts(main, ''),
    ...Object.assign(
      {},
      ...Object.entries(interfaces).map(([name, i]) => legacyFacts(i, `_${legacyName(name)}`, true)),
    ),
  }
}

interface Interface {
  readonly ip?: string
  readonly netmask?: string
  readonly network?: string
  readonly ip6?: string
  readonly netmask6?: string
  readonly network6?: string
  readonly scope6?: string
  readonly mac?: string
  readonly mtu?: number
  readonly bindings?: readonly Binding[]
  readonly bindings6?: readonly (Binding & { readonly scope6: string })[]
}

interface Binding {
  readonly address: string
  readonly netmask: string
  readonly network: string
}

async function hostNames(machine: Machine): Promise<{ hostname: string; domain?: string }> {
  const [hostname = '', ...rest] = machine.hostname.split('.')
  if (rest.length > 0) return { hostname, domain: rest.join('.') }
  const hosts = (await machine.read('/etc/hosts')) ?? ''
  for (const line of hosts.split('\n').map((l) => l.replace(/#.*/, '').trim().split(/\s+/).slice(1))) {
    const full = line.find((name) => name.startsWith(`${hostname}.`))
    if (full && line.includes(hostname)) return { hostname, domain: full.slice(hostname.length + 1) }
  }
  const resolv = (await machine.read('/etc/resolv.conf')) ?? ''
  const found = /^\s*domain\s+(\S+)/m.exec(resolv)?.[1] ?? /^\s*search\s+(\S+)/m.exec(resolv)?.[1]
  const domain = found?.replace(/\.$/, '')
  return domain ? { hostname, domain } : { hostname }
}

async function interfacesOf(machine: Machine): Promise<Record<string, Interface>> {
  const addresses = machine.interfaces()
  const names = new Set([...(await machine.list('/sys/class/net')), ...Object.keys(addresses)])
  const result: Record<string, Interface> = Object.create(null)
  for (const name of [...names].sort()) {
    // bonding_masters is a file of the bonding driver, no interface.
    if (name === 'bonding_masters') continue
    const mtu = Number((await machine.read(`/sys/class/net/${name}/mtu`))?.trim() ?? Number.NaN)
    const mac = (await machine.read(`/sys/class/net/${name}/address`))?.trim() ?? addresses[name]?.[0]?.mac
    result[name] = {
      ...addressFacts(addresses[name] ?? []),
      ...(mac && mac !== '00:00:00:00:00:00' ? { mac } : {}),
      ...(Number.isFinite(mtu) ? { mtu } : {}),
    }
  }
  return result
}

function addressFacts(addresses: readonly InterfaceAddress[]): Interface {
  const bindings = addresses.filter((a) => a.family === 'IPv4').map((a) => bindingOf(a))
  const bindings6 = addresses
    .filter((a) => a.family === 'IPv6')
    .map((a) => ({ ...bindingOf(a), scope6: scope6(a.address) }))
  const four = bindings.find((b) => !b.address.startsWith('169.254.')) ?? bindings[0]
  const six = bindings6.find((b) => b.scope6 !== 'link') ?? bindings6[0]
  return {
    ...(bindings.length > 0 ? { bindings } : {}),
    ...(bindings6.length > 0 ? { bindings6 } : {}),
    ...(four ? { ip: four.address, netmask: four.netmask, network: four.network } : {}),
    ...(six ? { ip6: six.address, netmask6: six.netmask, network6: six.network, scope6: six.scope6 } : {}),
  }
}

function bindingOf({ address, netmask }: InterfaceAddress): Binding {
  return { address, netmask, network: networkOf(address, netmask) }
}

function scope6(address: string): string {
  if (address === '::1') return 'host'
  const prefix = groups6(address)[0]! & 0xffc0
  return prefix === 0xfe80 ? 'link' : prefix === 0xfec0 ? 'site' : 'global'
}

/** `networkOf('192.0.2.77', '255.255.255.0')` is `192.0.2.0`; `networkOf('fd00::2', 'ffff:ffff:ffff:ffff::')` is `fd00::`. */
export function networkOf(address: string, netmask: string): string {
  if (!address.includes(':')) {
    const mask = netmask.split('.').map(Number)
    return address
      .split('.')
      .map((part, i) => Number(part) & (mask[i] ?? 0))
      .join('.')
  }
  const mask = groups6(netmask)
  return text6(groups6(address).map((group, i) => group & mask[i]!))
}

/** The eight groups of an IPv6 address. */
function groups6(address: string): number[] {
  const [head = '', tail] = address.replace(/%.*/, '').split('::')
  const parse = (text: string) => (text === '' ? [] : text.split(':').map((g) => Number.parseInt(g, 16)))
  const left = parse(head)
  const right = tail === undefined ? [] : parse(tail)
  return [...left, ...new Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0), ...right]
}

/** The shortest form: the longest run of zero groups as `::`. */
function text6(groups: readonly number[]): string {
  const text = groups.map((g) => g.toString(16)).join(':')
  const runs = [...text.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].map((m) => m[0])
  const longest = runs.sort((a, b) => b.replace(/^:/, '').length - a.replace(/^:/, '').length)[0]
  if (longest === undefined) return text
  const at = text.indexOf(longest)
  return `${text.slice(0, at)}::${text.slice(at + longest.length).replace(/^:/, '')}`
}

/** The interface of the IPv4 default route with the least metric, else of the IPv6 one. */
async function defaultRoute(machine: Machine, interfaces: Record<string, Interface>): Promise<string | undefined> {
  const four = ((await machine.read('/proc/net/route')) ?? '')
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter((c) => c[1] === '00000000' && c[7] === '00000000')
    .sort((a, b) => Number(a[6]) - Number(b[6]))[0]?.[0]
  if (four && Object.hasOwn(interfaces, four)) return four
  const six = ((await machine.read('/proc/net/ipv6_route')) ?? '')
    .split('\n')
    .map((line) => line.split(/\s+/))
    .find((c) => /^0{32}$/.test(c[0] ?? '') && c[1] === '00' && c[9] !== 'lo')?.[9]
  return six && Object.hasOwn(interfaces, six) ? six : undefined
}

function firstWithAddress(interfaces: Record<string, Interface>): string | undefined {
  const usable = Object.entries(interfaces).filter(([name]) => name !== 'lo')
  return (usable.find(([, i]) => i.ip) ?? usable.find(([, i]) => i.ip6))?.[0]
}

/** `eth0.100` and `eth0:1` are `eth0_100` and `eth0_1` in the old flat names. */
function legacyName(name: string): string {
  return name.replace(/[^\w]/g, '_')
}

function legacyFacts(i: Interface, suffix: string, withMtu = false): Record<string, unknown> {
  const pairs: [string, unknown][] = [
    ['ipaddress', i.ip],
    ['netmask', i.netmask],
    ['network', i.network],
    ['ipaddress6', i.ip6],
    ['netmask6', i.netmask6],
    ['network6', i.network6],
    ['scope6', i.scope6],
    ['macaddress', i.mac],
    ['mtu', withMtu ? i.mtu : undefined],
  ]
  return Object.fromEntries(
    pairs.filter(([, value]) => value !== undefined).map(([name, value]) => [name + suffix, value]),
  )
}
