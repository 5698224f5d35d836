// The network of a lab: one bridge in a network namespace of its own, one cable from it to each host. Nothing appears in this
// machine's own network, so labs never collide, and nothing is left when the processes that hold the namespaces are gone.

import { execFileSync, spawn } from 'node:child_process'
import { childOf, type HostProcess } from './process.ts'

/** Every lab has these addresses to itself: 10.213.0.0/24, hosts from .11 on. */
export function addressOf(index: number): string {
  return `10.213.0.${11 + index}`
}

/** Starts the bridge; `tied`: it ends with this process. */
export async function startSwitch({ tied }: { tied: boolean }): Promise<HostProcess> {
  const words = ['unshare', '--net', '--fork', '--kill-child', 'sleep', 'infinity']
  const [command, ...args] = tied ? ['setpriv', '--pdeathsig', 'KILL', ...words] : words
  const process = spawn(command!, args, { detached: true, stdio: 'ignore' })
  const hub = await childOf(process, 'the switch')
  inNetwork(hub.pid, 'ip', 'link', 'add', 'lab', 'type', 'bridge')
  inNetwork(hub.pid, 'ip', 'link', 'set', 'lab', 'up')
  if (!tied) process.unref()
  return hub
}

/** Gives the host with this process an interface on the bridge. */
export function plugIn(hub: HostProcess, host: HostProcess, index: number): void {
  const port = `port${index}`
  const ends = [
    'name',
    port,
    'netns',
    String(hub.pid),
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'netns',
    String(host.pid),
  ]
  execFileSync('ip', ['link', 'add', ...ends])
  inNetwork(hub.pid, 'ip', 'link', 'set', port, 'master', 'lab', 'up')
  inNetwork(host.pid, 'ip', 'link', 'set', 'lo', 'up')
  inNetwork(host.pid, 'ip', 'address', 'add', `${addressOf(index)}/24`, 'dev', 'eth0')
  inNetwork(host.pid, 'ip', 'link', 'set', 'eth0', 'up')
}

/** Pulls the cable or plugs it in again. */
export function setCable(hub: HostProcess, index: number, connected: boolean): void {
  inNetwork(hub.pid, 'ip', 'link', 'set', `port${index}`, connected ? 'up' : 'down')
}

function inNetwork(pid: number, ...command: string[]): void {
  execFileSync('nsenter', ['--target', String(pid), '--net', '--', ...command])
}
