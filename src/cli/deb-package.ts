// A Debian package of plain files as dpkg takes it (deb(5), format 2.0): an ar archive of a version, control.tar.gz and data.tar.gz. Made here
// and not by dpkg-deb, so that it can be made on any machine; the same input gives the same bytes.

import { gzipSync } from 'node:zlib'
import { parentsOf, type TarEntry, tarOf } from './tar-archive.ts'
import { usageError } from './usage-error.ts'

export interface DebModel {
  /** e.g. `mcollective-demo-agent`. */
  readonly name: string
  /** Upstream version and revision, e.g. `1.0.0-1`. */
  readonly version: string
  readonly maintainer: string
  readonly vendor?: string
  readonly homepage?: string
  readonly summary: string
  /** Lines below the summary. */
  readonly description: readonly string[]
  /** e.g. `mcollective-demo-common (= 1.0.0-1)`. */
  readonly depends: readonly string[]
  /** Absolute paths. */
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array; readonly executable?: boolean }[]
  /** Shell scripts: `preinst`, `postinst`. */
  readonly scripts: ReadonlyMap<'preinst' | 'postinst', Uint8Array>
}

const NAME = /^[a-z0-9][a-z0-9+.-]+$/
const VERSION = /^\d[A-Za-z0-9.+~]*(?:-[A-Za-z0-9.+~]+)?$/
const RELATION = /^[a-z0-9][a-z0-9+.-]+(?: \((?:<<|<=|=|>=|>>) \d[A-Za-z0-9.+~:-]*\))?$/

/** Throws USAGE_INVALID for a name, version or dependency that dpkg would not take. */
export function debOf(model: DebModel, nowMs: number): Buffer {
  if (!NAME.test(model.name)) throw usageError(`'${model.name}' cannot be the name of a Debian package`)
  if (!VERSION.test(model.version))
    throw usageError(`'${model.version}' cannot be the version of a Debian package: name another with --pluginversion`)
  for (const relation of model.depends) {
    if (!RELATION.test(relation))
      throw usageError(`Cannot depend on '${relation}': write a package, or a package and a version: 'jq (>= 1.6)'`)
  }
  const members: readonly (readonly [string, Buffer])[] = [
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar.gz', packed(controlEntries(model), nowMs)],
    ['data.tar.gz', packed(dataEntries(model), nowMs)],
  ]
  return Buffer.concat([Buffer.from('!<arch>\n'), ...members.flatMap(([name, bytes]) => arMember(name, bytes, nowMs))])
}

/** File name by Debian's habit: `mcollective-demo-agent_1.0.0-1_all.deb`. */
export function debFileName({ name, version }: Pick<DebModel, 'name' | 'version'>): string {
  return `${name}_${version}_all.deb`
}

function arMember(name: string, bytes: Buffer, nowMs: number): Buffer[] {
  const field = (text: string, width: number): string => text.padEnd(width)
  const time = String(Math.floor(nowMs / 1000))
  const header = `${field(name, 16)}${field(time, 12)}${field('0', 6)}${field('0', 6)}${field('100644', 8)}${field(String(bytes.length), 10)}\`\n`
  return [Buffer.from(header), bytes, Buffer.alloc(bytes.length % 2, '\n')]
}

function packed(entries: readonly TarEntry[], nowMs: number): Buffer {
  const paths = entries.map(({ path }) => path)
  return gzipSync(tarOf([...parentsOf(paths).map((path) => ({ path })), ...entries], nowMs), { level: 9 })
}

function dataEntries({ files }: DebModel): TarEntry[] {
  return files.map(({ path, bytes, executable }) => ({ path: `.${path}`, bytes, mode: executable ? 0o755 : 0o644 }))
}

/** No sums of the files: dpkg makes them itself. */
function controlEntries(model: DebModel): TarEntry[] {
  return [
    { path: './control', bytes: Buffer.from(controlText(model)) },
    ...[...model.scripts].map(([name, bytes]) => ({ path: `./${name}`, bytes, mode: 0o755 })),
  ]
}

function controlText(model: DebModel): string {
  const kilobytes = model.files.reduce((sum, { bytes }) => sum + Math.ceil(bytes.length / 1024), 0)
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['Package', model.name],
    ['Version', model.version],
    ['Architecture', 'all'],
    ['Maintainer', oneLine(model.maintainer)],
    ['Vendor', model.vendor && oneLine(model.vendor)],
    ['Installed-Size', String(kilobytes)],
    ['Depends', model.depends.length > 0 ? model.depends.join(', ') : undefined],
    ['Section', 'admin'],
    ['Priority', 'optional'],
    ['Homepage', model.homepage && oneLine(model.homepage)],
    ['Description', oneLine(model.summary)],
  ]
  const given = fields.filter(([, value]) => value !== undefined && value !== '')
  const more = model.description.map((line) => ` ${oneLine(line) || '.'}`)
  return `${[...given.map(([key, value]) => `${key}: ${value}`), ...more].join('\n')}\n`
}

/** A value that cannot begin a field of its own. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim()
}
