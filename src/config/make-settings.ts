// From checked values to settings: defaults that depend on other settings, and the rules that hold between settings. Problems and
// warnings are added to those of the values. [wire 1.6, 9.2]

import { isAbsolute, posix } from 'node:path'
import type {
  AesSettings,
  BrokerAccount,
  BrokerSettings,
  BrokerTlsSettings,
  ClientSettings,
  ConnectionSettings,
  MemberSettings,
  PoolMember,
  ProcessSettings,
  SecuritySettings,
  ServerSettings,
  TlsSettings,
} from './settings.ts'
import { splitAddress } from './value.ts'
import type { ConfigValues, Places } from './values.ts'
import { webConsoleSettings } from './web-console-settings.ts'

const NAME = /^[\w.-]+$/
const NAME_EXPECTED = "may only have letters, digits, '_', '.' and '-'"

/** Where the file is, and what the machine is called. */
export interface Place {
  readonly file: string
  readonly hostname: string
}

type Item = ProcessSettings['item']

export function serverSettings(values: ConfigValues, place: Place, item: Item): ServerSettings {
  const member = memberSettings(values, place, item)
  const { get } = values
  const yamlFiles = get('plugin.yaml') ?? [posix.join(member.directory, 'facts.yaml')]
  const registrationCollective = get('registration_collective')
  if (registrationCollective !== undefined && !member.collectives.includes(registrationCollective)) {
    warn(
      values,
      'registration_collective',
      `${registrationCollective} is not one of collectives; ${member.mainCollective} is used`,
    )
  }
  return {
    ...member,
    kind: 'server',
    facts: {
      source: get('factsource'),
      yamlFiles,
      cacheSeconds: get('fact_cache_time'),
      facterCommand: get('plugin.facter.command'),
      facterTimeoutSeconds: get('plugin.facter.timeout'),
    },
    classesFile: get('classesfile'),
    registration: {
      plugin: get('registration'),
      intervalSeconds: get('registerinterval'),
      collective:
        registrationCollective !== undefined && member.collectives.includes(registrationCollective)
          ? registrationCollective
          : member.mainCollective,
      splay: get('registration_splay'),
    },
    keepRoster: get('roster'),
    audit: { enabled: get('rpcaudit'), file: get('plugin.rpcaudit.logfile'), format: get('plugin.rpcaudit.format') },
    authorization: {
      enabled: get('rpcauthorization'),
      policyDirectory: posix.join(member.directory, 'policies'),
      allowUnconfigured: get('plugin.actionpolicy.allow_unconfigured'),
      useDefaultPolicy: get('plugin.actionpolicy.enable_default'),
      defaultPolicyName: named(values, 'plugin.actionpolicy.default_name', get('plugin.actionpolicy.default_name')),
    },
    agentConcurrency: get('agent_concurrency'),
    skewSeconds: get('skew_seconds'),
    replayJournal: get('replay_journal') ?? posix.join(member.stateDirectory, 'replay'),
    softShutdown: { enabled: get('soft_shutdown'), timeoutSeconds: get('soft_shutdown_timeout') },
    agentActivated: (name) => get('plugin.NAME.activate_agent', { NAME: name }) ?? get('activate_agents'),
  }
}

export function clientSettings(values: ConfigValues, place: Place, item: Item): ClientSettings {
  const { get } = values
  const member = memberSettings(values, place, item)
  return {
    ...member,
    kind: 'client',
    discoveryMethod: get('default_discovery_method'),
    discoveryOptions: get('default_discovery_options') ?? [],
    discoveryTimeoutSeconds: get('discovery_timeout'),
    connectionTimeoutSeconds: get('connection_timeout'),
    limitMethod: get('rpclimitmethod'),
    batchSize: get('default_batch_size'),
    batchSleepSeconds: get('default_batch_sleep_time'),
    look: get('cli.look'),
    strictExit: get('cli.strict_exit'),
    color: get('color'),
    console: webConsoleSettings(values, member, (key, what) => problem(values, key, what)),
  }
}

export function brokerSettings(values: ConfigValues, place: Place, item: Item): BrokerSettings {
  const { get } = values
  return {
    ...processSettings(values, place, item),
    kind: 'broker',
    listen: splitAddress(get('broker.listen'))!,
    tls: get('broker.tls') ? brokerTls(values) : undefined,
    accounts: brokerAccounts(values),
    connectionsMax: get('broker.max_connections'),
    unauthenticatedMax: get('broker.max_unauthenticated'),
    frameBytesMax: get('broker.max_frame_bytes'),
    consumerBufferBytesMax: get('broker.consumer_buffer_bytes'),
    loginTimeoutSeconds: get('broker.login_timeout'),
    heartbeatSeconds: get('broker.heartbeat_interval'),
    drainTimeoutSeconds: get('broker.drain_timeout'),
  }
}

function processSettings(values: ConfigValues, place: Place, item: Item): ProcessSettings {
  const { get } = values
  return {
    file: place.file,
    directory: posix.dirname(place.file),
    warnings: values.warnings,
    log: {
      type: get('logger_type'),
      file: get('logfile'),
      level: get('loglevel'),
      keepFiles: get('keeplogs'),
      rotateBytes: get('max_log_size'),
      facility: get('logfacility'),
    },
    daemonize: get('daemonize'),
    pidFile: get('pidfile'),
    item,
  }
}

function memberSettings(values: ConfigValues, place: Place, item: Item): MemberSettings {
  const { get } = values
  const collectives = get('collectives').map((name) => named(values, 'collectives', name))
  if (collectives.length === 0) problem(values, 'collectives', 'is empty; it must name at least one collective')
  const mainCollective = named(values, 'main_collective', get('main_collective'))
  if (!collectives.includes(mainCollective)) {
    warn(
      values,
      'main_collective',
      `${mainCollective} is not one of collectives (${collectives.join(', ')}); requests to it go nowhere`,
    )
  }
  const stateDirectory = get('statedir')
  return {
    ...processSettings(values, place, item),
    identity: named(values, 'identity', get('identity') ?? place.hostname),
    collectives,
    mainCollective,
    libdirs: get('libdir') ?? [],
    stateDirectory,
    rosterFile: get('rosterfile') ?? posix.join(stateDirectory, 'roster.json'),
    ttlSeconds: get('ttl'),
    directAddressing: get('direct_addressing'),
    connection: connectionSettings(values),
    security: securitySettings(values),
    plugin: values.plugin,
  }
}

function securitySettings(values: ConfigValues): SecuritySettings {
  const { get } = values
  const previous = get('plugin.psk.previous')
  const previousUntilMs = get('plugin.psk.previous_until')
  if (previous !== undefined && previousUntilMs === undefined) {
    problem(values, 'plugin.psk.previous', 'is set, but plugin.psk.previous_until is not: the old key must have an end')
  }
  const scheme = get('securityprovider')
  return {
    scheme,
    psk: {
      key: get('plugin.psk'),
      keyFile: get('plugin.psk.file'),
      callerType: get('plugin.psk.callertype'),
      previous,
      previousUntilMs,
      previousFile: get('plugin.psk.previous_file'),
    },
    aes: aesSettings(values, scheme),
  }
}

function aesSettings(values: ConfigValues, scheme: SecuritySettings['scheme']): AesSettings {
  const { get } = values
  const accept = get('plugin.aes.accept') ?? []
  const other = accept.find((name) => name !== 'psk')
  if (other !== undefined) problem(values, 'plugin.aes.accept', `names ${printable(other)}; it may name psk`)
  if (scheme === 'aes') {
    for (const key of ['key', 'certificate', 'authority', 'group'] as const) {
      const value = get(`plugin.aes.${key}`)
      if (value !== undefined && value.length > 0) continue
      problem(values, `plugin.aes.${key}`, 'is missing; securityprovider = aes needs it', 'securityprovider')
    }
    if (accept.includes('psk')) {
      const until = 'whoever has the pre-shared key can command, until psk is removed here'
      warn(values, 'plugin.aes.accept', `messages of the scheme psk are accepted: ${until}`)
    }
  }
  return {
    keyFile: get('plugin.aes.key'),
    certificateFile: get('plugin.aes.certificate'),
    authorityFiles: get('plugin.aes.authority') ?? [],
    groupFiles: get('plugin.aes.group') ?? [],
    revokedFile: get('plugin.aes.revoked'),
    certificatesDirectory: get('plugin.aes.certificates'),
    previousKeyFiles: get('plugin.aes.previous_keys') ?? [],
    acceptPsk: accept.includes('psk'),
  }
}

function connectionSettings(values: ConfigValues): ConnectionSettings {
  const { get } = values
  const named = get('connector')
  if (named === 'stomp') warn(values, 'connector', "'stomp' is read as 'activemq'; write that instead")
  const connector = named === 'stomp' ? 'activemq' : named
  const at = { CONNECTOR: connector }
  return {
    connector,
    pool: poolMembers(values, at),
    vhost: get('plugin.CONNECTOR.vhost', at) ?? (connector === 'rabbitmq' ? '/' : 'mcollective'),
    heartbeatSeconds: get('plugin.CONNECTOR.heartbeat_interval', at),
    heartbeatsMissedMax: get('plugin.CONNECTOR.max_hbread_fails', at),
    acceptStomp10: get('plugin.CONNECTOR.stomp_1_0_fallback', at),
    initialReconnectSeconds: get('plugin.CONNECTOR.initial_reconnect_delay', at),
    reconnectSecondsMax: get('plugin.CONNECTOR.max_reconnect_delay', at),
    exponentialBackoff: get('plugin.CONNECTOR.use_exponential_back_off', at),
    backoffMultiplier: get('plugin.CONNECTOR.back_off_multiplier', at),
    reconnectAttemptsMax: get('plugin.CONNECTOR.max_reconnect_attempts', at),
    randomize: get('plugin.CONNECTOR.randomize', at),
    connectTimeoutSeconds: get('plugin.CONNECTOR.connect_timeout', at),
    base64: get('plugin.CONNECTOR.base64', at),
    priority: get('plugin.CONNECTOR.priority', at),
    agentsMultiplex: get('plugin.CONNECTOR.agents_multiplex', at),
    useReplyExchange: get('plugin.CONNECTOR.use_reply_exchange', at),
  }
}

function poolMembers(values: ConfigValues, at: { CONNECTOR: string }): PoolMember[] {
  const prefix = `plugin.${at.CONNECTOR}.pool`
  const numbers = values.keys().flatMap((key) => {
    const n = key.startsWith(`${prefix}.`) ? /^(\d+)\.host$/.exec(key.slice(prefix.length + 1)) : null
    return n ? [Number(n[1])] : []
  })
  const size = values.get('plugin.CONNECTOR.pool.size', at) ?? Math.max(0, ...numbers)
  const beyond = numbers.find((n) => n > size)
  if (beyond !== undefined) warn(values, `${prefix}.${beyond}.host`, `is not used: ${prefix}.size is ${size}`)
  const members: PoolMember[] = []
  for (let n = 1; n <= Math.min(size, 100); n++) {
    const member = poolMember(values, { ...at, N: n }, `${prefix}.${n}`)
    if (member) members.push(member)
  }
  return members
}

function poolMember(values: ConfigValues, at: Places, prefix: string): PoolMember | undefined {
  const { get } = values
  const host = get('plugin.CONNECTOR.pool.N.host', at)
  if (host === undefined) {
    problem(
      values,
      `${prefix}.host`,
      'is missing; every broker from 1 to the size of the pool needs a host',
      prefix.replace(/\d+$/, 'size'),
    )
    return undefined
  }
  return {
    host,
    port: get('plugin.CONNECTOR.pool.N.port', at),
    user: get('plugin.CONNECTOR.pool.N.user', at),
    password: get('plugin.CONNECTOR.pool.N.password', at),
    tls: get('plugin.CONNECTOR.pool.N.ssl', at) ? tlsSettings(values, at, prefix) : undefined,
  }
}

function tlsSettings(values: ConfigValues, at: Places, prefix: string): TlsSettings {
  const { get } = values
  const caFiles = (get('plugin.CONNECTOR.pool.N.ssl.ca', at) ?? []).filter((file) => {
    if (!isAbsolute(file))
      problem(values, `${prefix}.ssl.ca`, `names ${file}; it must name absolute files separated by ','`)
    return true
  })
  const certFile = get('plugin.CONNECTOR.pool.N.ssl.cert', at)
  const keyFile = get('plugin.CONNECTOR.pool.N.ssl.key', at)
  if ((certFile === undefined) !== (keyFile === undefined)) {
    problem(
      values,
      `${prefix}.ssl.${certFile === undefined ? 'key' : 'cert'}`,
      'is set alone; a client certificate needs ssl.cert and ssl.key',
    )
  }
  let verify = get('plugin.CONNECTOR.pool.N.ssl.verify', at)
  if (verify === 'host' && caFiles.length === 0) {
    if (get('plugin.CONNECTOR.pool.N.ssl.fallback', at)) {
      verify = 'none'
      warn(
        values,
        `${prefix}.ssl.fallback`,
        'the broker is not verified, because ssl.ca is not set: anybody can pose as it',
      )
    } else {
      const choices =
        "set it to the CA file of the broker's certificate, or say ssl.verify = none (anybody can pose as the broker), or ssl = 0 (no encryption)"
      problem(values, `${prefix}.ssl.ca`, `is missing; ${choices}`, `${prefix}.host`)
    }
  }
  return { verify, caFiles, certFile, keyFile, ciphers: get('plugin.CONNECTOR.pool.N.ssl.ciphers', at) }
}

function brokerTls(values: ConfigValues): BrokerTlsSettings {
  const { get } = values
  const required = (key: 'broker.tls.cert' | 'broker.tls.key') => {
    const file = get(key)
    if (file === undefined) problem(values, key, 'is missing; TLS needs it (or say broker.tls = 0: no encryption)')
    return file ?? ''
  }
  const caFile = get('broker.tls.ca')
  const clientCertificates = get('broker.tls.client_certs')
  if (clientCertificates === 'required' && caFile === undefined) {
    problem(values, 'broker.tls.ca', 'is missing; broker.tls.client_certs = required needs it')
  }
  return {
    certFile: required('broker.tls.cert'),
    keyFile: required('broker.tls.key'),
    caFile,
    clientCertificates: caFile === undefined ? 'none' : clientCertificates,
    ciphers: get('broker.tls.ciphers'),
  }
}

function brokerAccounts(values: ConfigValues): BrokerAccount[] {
  const { get } = values
  const names = new Set(values.keys().flatMap((key) => /^broker\.account\.([\w-]+)\./.exec(key)?.[1] ?? []))
  return [...names].map((name) => {
    const at = { NAME: name }
    const role = get('broker.account.NAME.role', at)
    const password = get('broker.account.NAME.password', at)
    const certificates = get('broker.account.NAME.certificate', at) ?? []
    const key = `broker.account.${name}`
    if (role === undefined)
      problem(values, `${key}.role`, 'is missing; it must be one of client, node', `${key}.password`)
    if (password === undefined && certificates.length === 0) {
      problem(
        values,
        `${key}.password`,
        'is missing; an account needs a password, a certificate or both',
        `${key}.role`,
      )
    }
    const identityFrom = get('broker.account.NAME.identity', at)
    return { name, role: role ?? 'node', password, certificates, identityFrom }
  })
}

function named(values: ConfigValues, key: string, name: string): string {
  if (!NAME.test(name)) problem(values, key, `is ${printable(name)}; it ${NAME_EXPECTED}`)
  return name
}

function printable(name: string): string {
  return `'${name.replace(/[^\x20-\x7e]/g, '?').slice(0, 80)}'`
}

/** `beside`: the key whose line to name when `key` itself is in no file. */
function problem(values: ConfigValues, key: string, message: string, beside = key): void {
  const where = values.where(key) ?? values.where(beside)
  values.problems.push({ file: where?.file ?? '', line: where?.line ?? 0, key, message: `${key} ${message}` })
}

function warn(values: ConfigValues, key: string, message: string): void {
  const where = values.where(key)
  values.warnings.push(`${where ? `${where.file} line ${where.line}: ` : ''}${key}: ${message}`)
}
