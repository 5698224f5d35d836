// The validators of the framework and of Puppet's plugins, each a function that takes a value and throws what is wrong with it.
// They are compatibility checks: what passes shellsafe is still never put into a shell command. Sites add their own by name; they
// cannot replace these. [agents 3, wire 5.4]

import type { Value } from '#message/request.ts'
import { isIpv4, isIpv6 } from './ip-address.ts'

/** A validator plugin: returns when the value will do, else throws an Error whose message is shown to the user. */
export type Validator = (value: Value) => void

/** Validators of the site by name, e.g. from `validator/NAME_validator.ddl` and its code. */
export type Validators = ReadonlyMap<string, Validator>

/** `value` comes back when it is text. */
function text(value: Value, message = 'value should be a String'): string {
  if (typeof value !== 'string') throw new Error(message)
  return value
}

/** None of these, so that carelessly written agents are not hurt at once; `&`, quotes and newlines do pass. */
export function shellsafe(value: Value): void {
  const found = ['`', '$', ';', '|', '&&', '>', '<'].find((part) => text(value).includes(part))
  if (found !== undefined) throw new Error(`value should not have ${found} in it`)
}

/** `1.2.3.4`, also with a prefix length or net mask. */
export function ipv4address(value: Value): void {
  if (typeof value !== 'string' || !isIpv4(value)) throw new Error('value should be an ipv4 address')
}

/** `2001:db8::1`, also with a prefix length, a zone, or in brackets. */
export function ipv6address(value: Value): void {
  if (typeof value !== 'string' || !isIpv6(value)) throw new Error('value should be an ipv6 address')
}

export function serviceName(value: Value): void {
  if (!/^[a-zA-Z0-9._:@-]+$/.test(text(value))) throw new Error(`${value} is not a valid service name`)
}

export function packageName(value: Value): void {
  if (!/^[a-zA-Z0-9._-]+$/.test(text(value))) throw new Error(`${value} is not a valid package name`)
}

export function puppetVariable(value: Value): void {
  shellsafe(value)
  if (!/^[A-Za-z0-9_]+$/.test(text(value)) || /^[0-9_]$/.test(text(value)))
    throw new Error(`Invalid variable name '${value}' specified`)
}

/** A comma list of names such as `apache::mod`. */
export function puppetTags(value: Value): void {
  shellsafe(value)
  for (const tag of text(value).split(',')) for (const part of tag.split('::')) puppetVariable(part)
}

/** `File[/srv/www]`. */
export function puppetResource(value: Value): void {
  if (!/^[A-Za-z0-9_]+\[.+\]$/s.test(text(value))) throw new Error(`'${value}' is not a valid resource name`)
}

/** `puppet.example.com`, `puppet:8140`, `10.0.0.1:8140`, `[2001:db8::1]:8140`. */
export function puppetServerAddress(value: Value): void {
  shellsafe(value)
  const address = text(value)
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/s.exec(address)
  const [host = '', port] = bracketed
    ? [bracketed[1], bracketed[2]]
    : isIpv6(address)
      ? [address]
      : [address.split(':', 1)[0], address.includes(':') ? address.slice(address.indexOf(':') + 1) : undefined]
  const isHost = bracketed ? isIpv6(host) && !/[/[\]]/.test(host) : isHostName(host) || isIpv6(host)
  if (!isHost) throw new Error(`The hostname '${host}' is not a valid hostname`)
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65536))
    throw new Error(`The port '${port}' is not a valid puppet master port`)
}

/** A DNS name, or an IPv4 address: that is one by its letters. */
function isHostName(name: string): boolean {
  const labels = name.replace(/\.$/, '').split('.')
  return name.length <= 253 && labels.every((label) => /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/.test(label))
}

/** Validators by the names DDLs use. Those that take arguments (length, regex, array) have input properties of their own. */
export const VALIDATORS: Validators = new Map([
  ['shellsafe', shellsafe],
  ['ipv4address', ipv4address],
  ['ipv6address', ipv6address],
  ['service_name', serviceName],
  ['package_name', packageName],
  ['puppet_variable', puppetVariable],
  ['puppet_tags', puppetTags],
  ['puppet_resource', puppetResource],
  ['puppet_server_address', puppetServerAddress],
])
