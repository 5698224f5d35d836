// The line that says how nodes are being looked for; its number is added when it is known. [cli 1 L1, R-079]

import type { CallChoice } from './call-options.ts'

/** `Determining the amount of hosts matching filter for 2 seconds .... `, in both looks and for every method. */
export function discoveryTitle(choice: CallChoice, look: 'classic' | 'modern'): string {
  const { method, discoverySeconds: seconds } = choice
  if (method !== 'mc') return `Discovering hosts using the ${method} method .... `
  if (look === 'modern') return `Discovering hosts using the mc method for ${seconds} second(s) .... `
  return `Determining the amount of hosts matching filter for ${seconds} seconds .... `
}
