// Machines that exist only here, for consoles to work on: services, packages, a Puppet and resources made of data, on the real daemon with
// the real agents. Same number, same fleet; a few nodes differ from the others, as in life.

import type { Clock } from '../../src/base/clock.ts'
import type { NodeParts } from '../../src/main/node.ts'
import type { Values } from '../../src/message/request.ts'
import type { PuppetValue } from '../../src/puppet/agent/puppet-value.ts'
import {
  createTestMachine,
  PATHS,
  runsPuppet,
  summaryText,
  type TestMachine,
} from '../../src/puppet/agent/test-machine.ts'
import type { RalAccess } from '../../src/puppet/ral/open-ral.ts'
import { RalRefusal } from '../../src/puppet/ral/ral-worker.ts'
import type { Resource, ResourceEvent } from '../../src/puppet/ral/resource.ts'
import { sampleNodes } from '../../src/setup/sample-nodes.ts'
import { fakeMachine } from './fake-machine.ts'

export interface EmulatedNode {
  readonly identity: string
  readonly facts: Values
  readonly classes: readonly string[]
  readonly machine: NonNullable<NodeParts['machine']>
  readonly puppet: TestMachine
  readonly ral: RalAccess
  /** `user`, `group`, ... -> title -> parameters. */
  readonly resources: Map<string, Map<string, Record<string, PuppetValue>>>
}

type Parameters = Record<string, PuppetValue>

export function emulatedNodes(count: number, clock: Clock): EmulatedNode[] {
  return sampleNodes(count).map((sample, index) => {
    const resources = resourcesOf(sample.identity, index)
    return {
      ...{ identity: sample.identity, facts: sample.facts as Values, classes: sample.classes },
      ...{ machine: fakeMachine(), puppet: puppetOf(index, clock), ral: emulatedRal(resources), resources },
    }
  })
}

/** Runs take a second or two; every ninth node is disabled, every thirteenth has never run. */
function puppetOf(index: number, clock: Clock): TestMachine {
  const puppet = createTestMachine({ clock })
  const ranAt = Math.floor(clock.now() / 1000) - 120 - ((index * 97) % 1700)
  const resources =
    index % 11 === 7 ? 'changed: 2\n  failed: 1\n  total: 42' : `changed: ${index % 4 === 0 ? 3 : 0}\n  total: 42`
  if (index % 13 !== 12) puppet.write(PATHS.summary, summaryText(ranAt, resources))
  if (index % 9 === 8) puppet.write(PATHS.disabled, '{"disabled_message":"database migration, ask the owners"}')
  runsPuppet(puppet, clock, () => ({ loadMs: 300 + (index % 5) * 150, applyMs: 800 + (index % 7) * 200 }))
  return puppet
}

function resourcesOf(identity: string, index: number): EmulatedNode['resources'] {
  const [hostname = ''] = identity.split('.')
  const user = (uid: number, more: Parameters = {}): Parameters => ({
    ...{ ensure: 'present', uid, gid: uid, home: '/home/gopher', shell: '/bin/bash', comment: '', groups: [] },
    ...more,
  })
  const users: [string, Parameters][] = [
    ['root', user(0, { home: '/root', password: '$6$salt$rootrootroot' })],
    ['daemon', user(1, { home: '/usr/sbin', shell: '/usr/sbin/nologin' })],
    ['deploy', user(1000, { home: '/home/deploy', comment: 'Deployment', groups: ['adm', 'docker'], password: '!' })],
  ]
  if (index % 3 === 0)
    users.push(['gopher', user(1010, { comment: 'Gopher', groups: ['gophers'], password: '$6$salt$gopher' })])
  if (index % 7 === 5) users.push(['intruder', user(0, { home: '/tmp', comment: 'not ours' })])
  const group = (gid: number, members: string[] = []): Parameters => ({ ensure: 'present', gid, members })
  const groups: [string, Parameters][] = [
    ['root', group(0)],
    ['adm', group(4, ['deploy'])],
    ['docker', group(990 + (index % 2))],
    ...(index % 3 === 0 ? [['gophers', group(1010, ['gopher'])] as [string, Parameters]] : []),
  ]
  const version = (stable: string, old: string, every: number): string => (index % every === every - 1 ? old : stable)
  const packages: [string, Parameters][] = [
    ['bash', { ensure: '5.2.15-2', provider: 'apt' }],
    ['openssl', { ensure: version('3.0.17-1', '3.0.9-1', 6), provider: 'apt' }],
    ['openssh-server', { ensure: version('9.2p1-2', '8.4p1-5', 10), provider: 'apt' }],
    ['zlib1g', { ensure: '1.2.13.dfsg-1', provider: 'apt' }],
    ...(index % 5 === 0 ? [['nginx', { ensure: '1.22.1-9', provider: 'apt' }] as [string, Parameters]] : []),
  ]
  const services: [string, Parameters][] = [
    ['sshd', { ensure: 'running', enable: 'true', provider: 'systemd' }],
    ['cron', { ensure: index % 8 === 3 ? 'stopped' : 'running', enable: 'true', provider: 'systemd' }],
    ['ntpd', { ensure: 'running', enable: index % 12 === 4 ? 'false' : 'true', provider: 'systemd' }],
  ]
  const hosts: [string, Parameters][] = [
    [
      'localhost',
      { ensure: 'present', ip: '127.0.0.1', host_aliases: ['localhost.localdomain'], target: '/etc/hosts' },
    ],
    [
      identity,
      { ensure: 'present', ip: `192.0.2.${1 + (index % 254)}`, host_aliases: [hostname], target: '/etc/hosts' },
    ],
    [
      'db.example.com',
      { ensure: 'present', ip: index % 10 === 6 ? '192.0.2.99' : '192.0.2.20', host_aliases: [], target: '/etc/hosts' },
    ],
  ]
  const cron: [string, Parameters][] = [
    [
      'logrotate',
      {
        ensure: 'present',
        command: '/usr/sbin/logrotate /etc/logrotate.conf',
        user: 'root',
        hour: ['6'],
        minute: ['25'],
      },
    ],
  ]
  const file: [string, Parameters][] = [
    [
      '/etc/motd',
      { ensure: 'file', mode: '0644', owner: '0', group: '0', content: `{md5}${'0123456789abcdef'.repeat(2)}` },
    ],
  ]
  return new Map(
    Object.entries({ user: users, group: groups, package: packages, service: services, host: hosts, cron, file }).map(
      ([type, entries]) => [type, new Map(entries)],
    ),
  )
}

/** Answers as a loaded Puppet does, from data. */
export function emulatedRal(resources: EmulatedNode['resources']): RalAccess {
  const ofType = (type: string): Map<string, Parameters> => {
    const found = resources.get(type.toLowerCase())
    if (!found) throw new RalRefusal('unknown_type', `no resource type ${type} is known here`, {})
    return found
  }
  const resource = (type: string, title: string, parameters: Parameters): Resource => ({
    ...{
      type: type[0]!.toUpperCase() + type.slice(1).toLowerCase(),
      title,
      tags: [type.toLowerCase()],
      exported: false,
    },
    ...{ parameters: { ...parameters }, managed: 'unknown', sensitive: [] },
  })
  return {
    unavailable: async () => undefined,
    keepReady() {},
    stop: async () => {},
    ral: {
      types: async () => [...resources.keys()].sort(),
      find: async (type, title) => resource(type, title, ofType(type).get(title) ?? { ensure: 'absent' }),
      async search(type) {
        const sorted = [...ofType(type)].sort(([a], [b]) => (a < b ? -1 : 1))
        return sorted.map(([title, parameters]) => resource(type, title, parameters))
      },
      async create({ type, title, parameters, avoidConflict, noop }) {
        const known = ofType(type)
        const before = known.get(title) ?? {
          ensure: type === 'user' || type === 'group' || type === 'host' ? 'absent' : 'purged',
        }
        const wanted = { ...parameters }
        // As Puppet: a group by name is its number; a new group gets the next one.
        const group = type === 'user' ? resources.get('group')?.get(String(wanted.gid)) : undefined
        if (group) wanted.gid = group.gid ?? null
        if (type === 'group' && !noop && !known.has(title) && wanted.ensure === 'present' && wanted.gid === undefined)
          wanted.gid = 1 + Math.max(999, ...[...known.values()].map(({ gid }) => Number(gid)))
        if (avoidConflict !== undefined) {
          const others = [...known].filter(([other]) => other !== title).map(([, other]) => other[avoidConflict])
          if (known.has(title) || others.some((value) => String(value) === String(wanted[avoidConflict])))
            delete wanted[avoidConflict]
        }
        const events: ResourceEvent[] = Object.entries(wanted)
          .filter(([name, value]) => JSON.stringify(before[name]) !== JSON.stringify(value))
          .map(([property, desired]) => ({
            ...{ property, previous: before[property] ?? null, desired: desired ?? null },
            message: `${property} changed ${JSON.stringify(before[property] ?? null)} to ${JSON.stringify(desired)}`,
            status: noop ? 'noop' : 'success',
          }))
        const after = { ...before, ...wanted }
        if (!noop && events.length > 0) {
          if (after.ensure === 'absent') known.delete(title)
          else known.set(title, after)
        }
        return { resource: resource(type, title, noop ? before : after), events, changed: !noop && events.length > 0 }
      },
    },
  }
}
