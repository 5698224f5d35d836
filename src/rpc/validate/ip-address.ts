// Is a text an IP address? As Ruby's IPAddr reads them: prefix lengths and masks may follow, zones and brackets in IPv6. No
// name is looked up. [agents 3]

/** `isIpv4('10.0.0.1/24')`; octets have no leading zeros. */
export function isIpv4(text: string): boolean {
  const [address = '', mask, ...more] = text.split('/')
  if (more.length > 0 || !isQuad(address)) return false
  return mask === undefined || isPrefix(mask, 32) || isQuad(mask)
}

/** `isIpv6('[fe80::1%eth0]')`. */
export function isIpv6(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/')
  if (more.length > 0 || (prefix !== undefined && !isPrefix(prefix, 128))) return false
  const bare = address.startsWith('[') && address.endsWith(']') ? address.slice(1, -1) : address
  const [groups = '', zone, ...zones] = bare.split('%')
  return zones.length === 0 && (zone === undefined || /^[\w.-]+$/.test(zone)) && isGroups(groups)
}

function isQuad(text: string): boolean {
  const octets = text.split('.')
  return octets.length === 4 && octets.every((octet) => /^(?:0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255)
}

function isPrefix(text: string, most: number): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) <= most
}

/** Eight groups of hex digits, one run of zeros written `::`, the last two groups perhaps as an IPv4 address. */
function isGroups(text: string): boolean {
  if (text.length > 45) return false
  const halves = text.split('::')
  if (halves.length > 2) return false
  let count = 0
  for (const [i, half] of halves.entries()) {
    if (half === '') continue
    const groups = half.split(':')
    for (const [j, group] of groups.entries()) {
      const isLast = i === halves.length - 1 && j === groups.length - 1
      if (isLast && isQuad(group)) count += 2
      else if (/^[0-9a-fA-F]{1,4}$/.test(group)) count += 1
      else return false
    }
  }
  return halves.length === 2 ? count < 8 : count === 8
}
