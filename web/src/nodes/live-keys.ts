// The words of the address that belong to the node list; a file of its own because first-frame/ needs them without the rest.

export const LIVE_KEYS = ['name', 'class', 'fact', 'agent', 'where', 'only', 'except'] as const
