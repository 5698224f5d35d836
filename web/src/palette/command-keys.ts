// The keys that open the palette, as they are written on this machine's keyboard.

export const COMMAND_KEYS = /Mac|iP(hone|ad)/.test(navigator.platform) ? '⌘ K' : 'Ctrl K'
