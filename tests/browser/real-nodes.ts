// Real nodes for tests of the pages: isolated hosts with mcollectived and the Puppet of this machine, a console that is a process of its own
// there, and Chromium in the network of the hosts.

import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { type Collective, startCollective } from '../../lab/collective.ts'
import { createLab, type Lab, type LabHost } from '../../lab/lab.ts'
import { ensurePackage } from '../debian-package.ts'
import { CHROMIUM, openBrowser, openWindow, type Window, type WindowOptions } from './open-browser.ts'

export const MASTER = 'puppetmaster.example.com'
export const WEB = 'web1.example.com'
export const DB = 'db1.example.com'
export const HOSTS = [MASTER, WEB, DB]
export const LIBDIR = '/opt/puppet/libexec/mcollective/mcollective/agent'
const PORT = 4433
const CONFIG = '/home/peadmin/console.cfg'
const READY_WITHIN_MS = 60_000

export interface RealNodes {
  readonly lab: Lab
  readonly collective: Collective
  window(options?: WindowOptions): Promise<Window>
  /** What `mco console link` prints: an address that works once. */
  link(account?: string): Promise<string>
  startConsole(): Promise<void>
  killConsole(): Promise<void>
  /** Ends the process of a host whose id is in `/run/NAME.pid`, as SIGKILL does. */
  kill(host: string, name: 'mcollectived' | 'broker'): Promise<void>
  startBroker(): Promise<void>
  /** Asks until it is so. */
  until(what: string, condition: () => Promise<boolean>): Promise<void>
  close(): Promise<void>
}

/** `prepare` is done on the hosts before their daemons start. */
export async function startRealNodes(prepare: (host: LabHost) => Promise<void> = async () => {}): Promise<RealNodes> {
  // Before the hosts are made, so that they have it.
  ensurePackage('puppet-agent', '/usr/bin/puppet')
  ensurePackage('chromium', CHROMIUM)
  const lab = await createLab({ hosts: HOSTS })
  const folder = mkdtempSync('/var/tmp/troupe-browser-')
  let browser: Browser | undefined
  const close = async (): Promise<void> => {
    await browser?.close()
    await lab.down()
    rmSync(folder, { recursive: true })
  }
  try {
    const master = lab.host(MASTER)
    await Promise.all(lab.hosts.map(prepare))
    const facts = Object.fromEntries(
      HOSTS.map((name) => [name, { role: name.replace(/\d*\..*/, ''), osfamily: 'Debian' }]),
    )
    const collective = await startCollective(lab, { facts, classes: { [WEB]: ['nginx'], [DB]: ['postgresql'] } })
    const own = `console.listen = 0.0.0.0:${PORT}\nconsole.names = ${MASTER}\nconsole.url = https://${MASTER}:${PORT}\nconsole.directory = /home/peadmin/console\nconsole.refresh_interval = 5\n`
    const client = await master.run(['cat', '/home/peadmin/.mcollective'])
    await master.writeFile(CONFIG, `${client}\n${own}`, { mode: 0o600, owner: 'peadmin' })
    const program = join(folder, 'chromium')
    writeFileSync(program, `#!/bin/sh\nexec ${master.inNetwork.join(' ')} ${CHROMIUM} "$@"\n`)
    chmodSync(program, 0o755)
    const started = await openBrowser(program, [`--host-resolver-rules=MAP ${MASTER} ${master.address}`])
    browser = started
    const nodes: RealNodes = {
      ...{ lab, collective, until, close },
      window: (options) => openWindow(started, `https://${MASTER}:${PORT}`, options),
      async link(account) {
        const words = ['mco', 'console', 'link', '--json', '-c', CONFIG, ...(account ? ['--account', account] : [])]
        const { url } = JSON.parse(await master.run(words, { user: 'peadmin' })) as { url: string }
        return url
      },
      startConsole: () => startConsole(master),
      killConsole: () => master.run(['sh', '-c', 'kill -9 $(cat /home/peadmin/console.pid)']).then(() => {}),
      kill: (host, name) =>
        lab
          .host(host)
          .run(['sh', '-c', `kill -9 $(cat /run/${name}.pid)`])
          .then(() => {}),
      async startBroker() {
        const line = `troupe-broker --config /etc/puppetlabs/mcollective/broker.cfg > /run/broker.out 2>&1 & echo $! > /run/broker.pid`
        await master.run(['setsid', 'sh', '-c', line])
      },
    }
    await nodes.startConsole()
    return nodes
  } catch (error) {
    await close()
    throw error
  }
}

async function startConsole(master: LabHost): Promise<void> {
  const line = `mco console -c ${CONFIG} > ~/console.out 2>&1 & echo $! > ~/console.pid`
  await master.run(['setsid', 'sh', '-c', line], { user: 'peadmin' })
  const out = async (): Promise<string> => (await master.exec(['cat', '/home/peadmin/console.out'])).stdout
  for (const startedAt = performance.now(); performance.now() - startedAt < READY_WITHIN_MS; await sleep(200)) {
    if ((await out()).includes(`Console https://${MASTER}:${PORT}`)) return
  }
  assert.fail(`the console does not come up: ${await out()}`)
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (const startedAt = performance.now(); performance.now() - startedAt < READY_WITHIN_MS; await sleep(200)) {
    if (await condition()) return
  }
  assert.fail(`did not happen: ${what}`)
}
