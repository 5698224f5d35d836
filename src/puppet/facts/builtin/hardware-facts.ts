// Memory, processors, uptime, load and the maker of the machine, as Facter 4 names them.

import type { Machine } from './machine.ts'

export async function hardwareFacts(machine: Machine): Promise<Record<string, unknown>> {
  return {
    ...memoryFacts(machine, (await machine.read('/proc/meminfo')) ?? ''),
    ...processorFacts(machine, (await machine.read('/proc/cpuinfo')) ?? ''),
    ...uptimeFacts(machine.uptimeSeconds()),
    ...loadFacts(machine.load()),
    ...(await dmiFacts(machine)),
  }
}

function memoryFacts(machine: Machine, meminfo: string): Record<string, unknown> {
  const bytes = (name: string): number | undefined => {
    const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1]
    return kib === undefined ? undefined : Number(kib) * 1024
  }
  const node = machine.memory()
  const total = bytes('MemTotal') ?? node.totalBytes
  const available = bytes('MemAvailable') ?? node.freeBytes
  const swapTotal = bytes('SwapTotal') ?? 0
  const swapFree = bytes('SwapFree') ?? 0
  const swap = swapTotal > 0 ? poolFacts(swapTotal, swapFree) : undefined
  return {
    memory: { ...(swap ? { swap } : {}), system: poolFacts(total, available) },
    memorysize: sizeText(total),
    memorysize_mb: total / 1_048_576,
    memoryfree: sizeText(available),
    memoryfree_mb: available / 1_048_576,
    ...(swap
      ? {
          swapsize: sizeText(swapTotal),
          swapsize_mb: swapTotal / 1_048_576,
          swapfree: sizeText(swapFree),
          swapfree_mb: swapFree / 1_048_576,
        }
      : {}),
  }
}

function poolFacts(total: number, available: number) {
  const used = total - available
  return {
    available: sizeText(available),
    available_bytes: available,
    capacity: `${((used / total) * 100).toFixed(2)}%`,
    total: sizeText(total),
    total_bytes: total,
    used: sizeText(used),
    used_bytes: used,
  }
}

/** `sizeText(25_276_514_304)` is `23.54 GiB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  let size = bytes / 1024
  for (const unit of ['KiB', 'MiB', 'GiB', 'TiB', 'PiB']) {
    if (Math.round(size * 100) / 100 < 1024) return `${size.toFixed(2)} ${unit}`
    size /= 1024
  }
  return `${size.toFixed(2)} EiB`
}

function processorFacts(machine: Machine, cpuinfo: string): Record<string, unknown> {
  const models = machine.cpuModels()
  const all = (name: string) => [...cpuinfo.matchAll(new RegExp(`^${name}\\s*: (.*)$`, 'gm'))].map((m) => m[1]!.trim())
  const physical = new Set(all('physical id')).size || (models.length > 0 ? 1 : 0)
  const cores = Number(all('cpu cores')[0] ?? Number.NaN)
  const siblings = Number(all('siblings')[0] ?? Number.NaN)
  return {
    processors: {
      count: models.length,
      models,
      physicalcount: physical,
      ...(Number.isFinite(cores) ? { cores } : {}),
      ...(Number.isFinite(cores) && Number.isFinite(siblings)
        ? { threads: Math.max(1, Math.floor(siblings / cores)) }
        : {}),
    },
    processorcount: models.length,
    physicalprocessorcount: physical,
    ...Object.fromEntries(models.map((model, i) => [`processor${i}`, model])),
  }
}

function uptimeFacts(seconds: number): Record<string, unknown> {
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  const uptime = days > 1 ? `${days} days` : days === 1 ? '1 day' : `${hours}:${String(minutes).padStart(2, '0')} hours`
  return {
    system_uptime: { days, hours, seconds, uptime },
    uptime,
    uptime_days: days,
    uptime_hours: hours,
    uptime_seconds: seconds,
  }
}

function loadFacts(load: readonly number[]): Record<string, unknown> {
  const [one = 0, five = 0, fifteen = 0] = load.map((value) => Math.round(value * 100) / 100)
  return { load_averages: { '1m': one, '5m': five, '15m': fifteen } }
}

/** File under /sys/class/dmi/id -> structured path and old name. Serial number and uuid are for root alone. */
const DMI: readonly (readonly [file: string, path: string, legacy: string])[] = [
  ['bios_date', 'bios.release_date', 'bios_release_date'],
  ['bios_vendor', 'bios.vendor', 'bios_vendor'],
  ['bios_version', 'bios.version', 'bios_version'],
  ['board_vendor', 'board.manufacturer', 'boardmanufacturer'],
  ['board_name', 'board.product', 'boardproductname'],
  ['sys_vendor', 'manufacturer', 'manufacturer'],
  ['product_name', 'product.name', 'productname'],
  ['product_serial', 'product.serial_number', 'serialnumber'],
  ['product_uuid', 'product.uuid', 'uuid'],
]

async function dmiFacts(machine: Machine): Promise<Record<string, unknown>> {
  const dmi: Record<string, string | Record<string, string>> = {}
  const legacy: Record<string, string> = {}
  for (const [file, path, name] of DMI) {
    const value = (await machine.read(`/sys/class/dmi/id/${file}`))?.trim()
    if (!value) continue
    legacy[name] = value
    const [first, second] = path.split('.') as [string, string?]
    if (second === undefined) dmi[first] = value
    else dmi[first] = { ...(dmi[first] as Record<string, string> | undefined), [second]: value }
  }
  return Object.keys(dmi).length > 0 ? { dmi, ...legacy } : {}
}
