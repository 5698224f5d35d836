// Nodes to try filters on: invented machines with the facts and classes a mixed fleet has. Same number, same nodes.

export interface SampleNode {
  /** e.g. `web1.example.com`. */
  readonly identity: string
  /** Facts, as facts.yaml takes them: JSON is YAML. */
  readonly facts: Readonly<Record<string, unknown>>
  readonly classes: readonly string[]
}

interface System {
  readonly family: string
  readonly name: string
  readonly release: string
  readonly architecture: string
}

const ROLES = ['web', 'db', 'app', 'mail', 'cache'] as const
const SYSTEMS: readonly System[] = [
  { family: 'RedHat', name: 'Rocky', release: '9.4', architecture: 'x86_64' },
  { family: 'Debian', name: 'Debian', release: '12.11', architecture: 'amd64' },
  { family: 'RedHat', name: 'CentOS', release: '7.9', architecture: 'x86_64' },
  { family: 'Debian', name: 'Ubuntu', release: '24.04', architecture: 'arm64' },
  { family: 'Suse', name: 'SLES', release: '15.6', architecture: 'x86_64' },
]
const PLACES = ['amsterdam', 'boston'] as const
const CLASSES: Readonly<Record<(typeof ROLES)[number], readonly string[]>> = {
  web: ['nginx', 'nginx::config', 'role::web'],
  db: ['postgresql', 'postgresql::server', 'role::db'],
  app: ['java', 'tomcat', 'role::app'],
  mail: ['postfix', 'role::mail'],
  cache: ['redis', 'role::cache'],
}

/** `sampleNodes(2)` is web1.example.com on RedHat and db1.example.com on Debian. */
export function sampleNodes(count: number): SampleNode[] {
  return Array.from({ length: count }, (_, index) => sampleNode(index))
}

function sampleNode(index: number): SampleNode {
  const role = ROLES[index % ROLES.length]!
  const system = SYSTEMS[(index + Math.floor(index / ROLES.length)) % SYSTEMS.length]!
  const hostname = `${role}${Math.floor(index / ROLES.length) + 1}`
  const identity = `${hostname}.example.com`
  const ipaddress = `192.0.2.${1 + (index % 254)}`
  return {
    identity,
    facts: {
      architecture: system.architecture,
      datacenter: PLACES[index % PLACES.length],
      domain: 'example.com',
      fqdn: identity,
      hostname,
      ipaddress,
      kernel: 'Linux',
      memorysize_mb: 2048 * (1 + (index % 4)),
      networking: { domain: 'example.com', fqdn: identity, hostname, ip: ipaddress },
      operatingsystem: system.name,
      operatingsystemrelease: system.release,
      os: { family: system.family, name: system.name, release: { full: system.release } },
      osfamily: system.family,
      processorcount: 1 + (index % 8),
      role,
      virtual: index % 3 === 0 ? 'physical' : 'kvm',
    },
    classes: ['settings', 'base', 'base::users', ...CLASSES[role]],
  }
}
