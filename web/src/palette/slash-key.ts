// Whether `/` goes to the node filter: a single key may be in the way of who speaks to the machine, so it can be switched off. Of this browser.

/** The field `/` goes to. */
export const NODE_FILTER = '[data-node-filter]'

const KEY = 'troupe-slash-key'

export function slashIsOn(): boolean {
  return localStorage.getItem(KEY) !== 'off'
}

export function setSlash(on: boolean): void {
  if (on) localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, 'off')
}
