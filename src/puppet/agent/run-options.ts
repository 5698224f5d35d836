// Options of one Puppet run to the words of its command line. Every value is a word of its own: no shell ever sees one. [agents 10.3]

export interface RunOptions {
  readonly tags?: string
  /** `puppet.example.com` or `puppet.example.com:8140`. */
  readonly server?: string
  readonly environment?: string
  readonly noop?: boolean
  readonly splay?: boolean
  readonly splayLimitSeconds?: number
  readonly ignoreSchedules?: boolean
  readonly useCachedCatalog?: boolean
}

export function runArguments(options: RunOptions, portOption: '--serverport' | '--masterport'): string[] {
  const { tags, splay, splayLimitSeconds, noop, environment, server, ignoreSchedules, useCachedCatalog } = options
  return [
    ...(tags === undefined ? [] : ['--tags', tags]),
    ...flag('splay', splay),
    ...(splay === true && splayLimitSeconds !== undefined ? ['--splaylimit', String(splayLimitSeconds)] : []),
    ...flag('noop', noop),
    ...(environment === undefined ? [] : ['--environment', environment]),
    ...(server === undefined ? [] : serverArguments(server, portOption)),
    ...(ignoreSchedules === true ? ['--ignoreschedules'] : []),
    ...flag('use_cached_catalog', useCachedCatalog),
  ]
}

function flag(name: string, value: boolean | undefined): string[] {
  return value === undefined ? [] : [value ? `--${name}` : `--no-${name}`]
}

/** An IPv6 address is only split from its port when it stands in brackets. */
function serverArguments(address: string, portOption: string): string[] {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(address) ?? []
  const host = bracketed ?? plain ?? address
  return ['--server', host, ...(port === undefined ? [] : [portOption, port])]
}
