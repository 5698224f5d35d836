// Whether the machine is a virtual one or a container, and of which kind, by the traces those leave in /proc and /sys.

import type { Machine } from './machine.ts'

export async function virtualFacts(machine: Machine): Promise<Record<string, unknown>> {
  const virtual = (await containerKind(machine)) ?? (await hypervisorKind(machine)) ?? 'physical'
  return { virtual, is_virtual: virtual !== 'physical' && virtual !== 'xen0' }
}

async function containerKind(machine: Machine): Promise<string | undefined> {
  const environ = /(?:^|\0)container=([\w.-]+)/.exec((await machine.read('/proc/1/environ')) ?? '')?.[1]
  const stated = environ ?? (await machine.read('/run/systemd/container'))?.trim()
  if (stated)
    return ({ 'systemd-nspawn': 'systemd_nspawn', oci: 'container_other' } as Record<string, string>)[stated] ?? stated
  if ((await machine.read('/run/.containerenv')) !== undefined) return 'podman'
  if ((await machine.read('/.dockerenv')) !== undefined) return 'docker'
  const cgroup = (await machine.read('/proc/1/cgroup')) ?? ''
  if (/docker/.test(cgroup)) return 'docker'
  if (/\/lxc/.test(cgroup)) return 'lxc'
  if (/machine\.slice\/.*nspawn/.test(cgroup)) return 'systemd_nspawn'
  const hasVz = (await machine.list('/proc/vz')).length > 0
  if (hasVz && (await machine.list('/proc/bc')).length === 0) return 'openvzve'
  return undefined
}

/** Texts of the machine's maker, product or BIOS -> kind. */
const MAKERS: readonly (readonly [RegExp, string])[] = [
  [/VMware/, 'vmware'],
  [/VirtualBox|innotek/, 'virtualbox'],
  [/Parallels/, 'parallels'],
  [/Google/, 'gce'],
  [/HVM domU/, 'xenhvm'],
  [/RHEV Hypervisor/, 'rhev'],
  [/oVirt/, 'ovirt'],
  [/Bochs/, 'bochs'],
  [/OpenBSD/, 'vmm'],
  [/BHYVE/i, 'bhyve'],
  [/KVM|QEMU|Amazon EC2|OpenStack|DigitalOcean|Nutanix/, 'kvm'],
  [/Microsoft Corporation.*Virtual Machine/s, 'hyperv'],
]

async function hypervisorKind(machine: Machine): Promise<string | undefined> {
  const xen = await machine.read('/proc/xen/capabilities')
  if (xen !== undefined) return /control_d/.test(xen) ? 'xen0' : 'xenu'
  const files = ['sys_vendor', 'product_name', 'bios_vendor', 'board_vendor']
  const texts = await Promise.all(files.map((file) => machine.read(`/sys/class/dmi/id/${file}`)))
  const maker = texts.map((text) => text?.trim() ?? '').join('\n')
  const byMaker = MAKERS.find(([pattern]) => pattern.test(maker))?.[1]
  if (byMaker) return byMaker
  const flags = /^flags\s*:.*\bhypervisor\b/m.test((await machine.read('/proc/cpuinfo')) ?? '')
  const clocks = (await machine.read('/sys/devices/system/clocksource/clocksource0/available_clocksource')) ?? ''
  if (/kvm-clock/.test(clocks)) return 'kvm'
  if (/hyperv/.test(clocks)) return 'hyperv'
  return flags ? 'kvm' : undefined
}
