// Which collective a call goes to. [cli 3 "-T", M-021]

import { TroupeError } from '#base/errors.ts'

/** The collective asked for, or the main one. Throws USAGE_UNKNOWN_COLLECTIVE when it is none of those configured. */
export function checkedCollective(
  settings: { readonly collectives: readonly string[]; readonly mainCollective: string },
  collective: string | undefined,
): string {
  const wanted = collective ?? settings.mainCollective
  if (!settings.collectives.includes(wanted)) {
    const known = [...settings.collectives].sort().join(', ')
    throw new TroupeError('USAGE_UNKNOWN_COLLECTIVE', `Unknown collective '${wanted}' known collectives are '${known}'`)
  }
  return wanted
}
