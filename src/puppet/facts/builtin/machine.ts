// What the built-in collector reads of a machine, as an interface: small files under /proc, /sys and /etc, and what node tells.

import { readdir, readFile } from 'node:fs/promises'
import os from 'node:os'

export interface Machine {
  /** Text of a small file; undefined when it cannot be read. */
  read(path: string): Promise<string | undefined>
  /** Names in a directory, sorted; none when it cannot be read. */
  list(path: string): Promise<readonly string[]>
  /** e.g. `Linux`. */
  readonly kernel: string
  /** e.g. `6.1.0-18-amd64`. */
  readonly kernelRelease: string
  /** e.g. `x86_64`. */
  readonly hardware: string
  readonly hostname: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly user: { readonly uid: number; readonly gid: number; readonly name: string }
  /** Addresses by interface, as node:os gives them. */
  interfaces(): Readonly<Record<string, readonly InterfaceAddress[] | undefined>>
  cpuModels(): readonly string[]
  /** 1, 5 and 15 minutes. */
  load(): readonly number[]
  memory(): { readonly totalBytes: number; readonly freeBytes: number }
  uptimeSeconds(): number
  /** e.g. `UTC`, `CET`. */
  timezone(): string
}

export interface InterfaceAddress {
  readonly address: string
  readonly netmask: string
  readonly family: string
  readonly mac: string
}

/** The machine this process runs on. */
export function thisMachine(): Machine {
  return {
    read: (path) => readFile(path, 'utf8').catch(() => undefined),
    list: (path) =>
      readdir(path).then(
        (names) => names.sort(),
        () => [],
      ),
    kernel: os.type(),
    kernelRelease: os.release(),
    hardware: os.machine(),
    hostname: os.hostname(),
    env: process.env,
    user: currentUser(),
    interfaces: () => os.networkInterfaces(),
    cpuModels: () => os.cpus().map((cpu) => cpu.model.trim()),
    load: () => os.loadavg(),
    memory: () => ({ totalBytes: os.totalmem(), freeBytes: os.freemem() }),
    uptimeSeconds: () => Math.floor(os.uptime()),
    timezone,
  }
}

function currentUser(): Machine['user'] {
  try {
    const { uid, gid, username } = os.userInfo()
    return { uid, gid, name: username }
  } catch {
    // A container's user id without an entry in /etc/passwd.
    const uid = process.getuid?.() ?? -1
    return { uid, gid: process.getgid?.() ?? -1, name: String(uid) }
  }
}

/** Node knows abbreviations only per region: American English has `EST` but `GMT+1`, British has `CET` but `GMT-5`. */
function timezone(): string {
  const names = ['en-US', 'en-GB', 'en-AU'].map(
    (locale) =>
      new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }).formatToParts().find((p) => p.type === 'timeZoneName')
        ?.value ?? 'UTC',
  )
  return names.find((name) => /^[A-Z]+$/.test(name)) ?? names[0]!
}
