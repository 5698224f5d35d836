// The line that says how nodes are being looked for; its number is added when it is known. [cli 1 L1, R-079]

import type { CommandContext } from './command.ts'

/** `Determining the amount of hosts matching filter for 2 seconds .... `, in both looks and for every method. */
export function discoveryTitle({ look, options, settings }: CommandContext): string {
  const method = methodOf(options.text('disc-method') ?? settings.discoveryMethod, options.text('nodes'))
  const seconds = options.number('discovery-timeout') ?? settings.discoveryTimeoutSeconds
  if (method === 'mc' && look === 'classic')
    return `Determining the amount of hosts matching filter for ${seconds} seconds .... `
  if (method === 'mc') return `Discovering hosts using the mc method for ${seconds} second(s) .... `
  return `Discovering hosts using the ${method} method .... `
}

function methodOf(method: string, nodesFile: string | undefined): string {
  return nodesFile === undefined ? method : 'flatfile'
}
