// Every setting once: key, type, default, environment variable, who reads it and what it means. load.ts checks files against
// this table, settings.ts turns it into typed values, reference-page.ts prints docs/reference/settings.md from it.
// [wire 1.6, 9.2] [cli 9] [agents 14, 15, 16]

import {
  BROKER_CONNECTIONS_MAX,
  BROKER_HEARTBEAT_MS,
  BROKER_LOGIN_MS_MAX,
  BROKER_OUTGOING_BYTES_MAX,
  BROKER_UNAUTHENTICATED_MAX,
  STOMP_FRAME_BYTES_MAX,
} from '#base/limits.ts'

/**
 * `seconds`: whole numbers in Ruby's notation; with `fraction` decimals too. `name`: a plugin's name, any case. `list`: comma
 * separated. `paths`: colon separated, absolute. `address`: `host:port`. `time`: ISO 8601. `secret`: never
 * printed.
 */
export type SettingType =
  | 'string'
  | 'name'
  | 'integer'
  | 'seconds'
  | 'boolean'
  | 'list'
  | 'path'
  | 'paths'
  | 'enum'
  | 'secret'
  | 'time'
  | 'address'

/** `both`: client and server. `all`: the broker's file as well. */
export type SettingUser = 'client' | 'server' | 'both' | 'broker' | 'all'

export interface Definition {
  /** As written in a file. `N` stands for a number from 1, `NAME` for a name, `CONNECTOR` for `activemq` or `rabbitmq`. */
  readonly key: string
  readonly type: SettingType
  readonly for: SettingUser
  readonly about: string
  /** Absent: not set. */
  readonly default?: string | number | boolean | readonly string[]
  /** Where clients differ. */
  readonly clientDefault?: string
  /** What the page says when the default is worked out elsewhere. */
  readonly defaultText?: string
  readonly unit?: 'bytes' | 'milliseconds'
  /** Type enum. */
  readonly allowed?: readonly string[]
  /** Other spellings of allowed words. */
  readonly aliases?: { readonly [spelling: string]: string }
  readonly min?: number
  readonly max?: number
  /** Type seconds or integer: decimals are allowed. */
  readonly fraction?: true
  /** May stand several times; the values add up. */
  readonly repeatable?: true
  /** Comes before the file. `{N}` and `{CONNECTOR}` are replaced. */
  readonly env?: string
  /** What a set, non-empty variable means, when that is not its text. */
  readonly envMeans?: string
  /** Accepted with a warning: what to do instead. */
  readonly deprecated?: string
  /** Accepted in silence without effect: why. */
  readonly ignored?: string
}

const LATER = 'the scheme is not part of this version'
const NO_EFFECT = 'accepted for old files'

export const DEFINITIONS = [
  // Who and where
  {
    key: 'identity',
    type: 'string',
    for: 'both',
    defaultText: 'host name',
    about: 'Name of this node or client: letters, digits, `_`, `.`, `-`.',
  },
  {
    key: 'collectives',
    type: 'list',
    for: 'both',
    default: ['mcollective'],
    about: 'Collectives this process is part of.',
  },
  {
    key: 'main_collective',
    type: 'string',
    for: 'both',
    default: 'mcollective',
    about: 'Collective addressed when none is named. Not derived from `collectives`.',
  },
  {
    key: 'libdir',
    type: 'paths',
    for: 'both',
    repeatable: true,
    about: 'Directories with agents, DDL files and other plugins: absolute, the first has precedence.',
  },
  {
    key: 'statedir',
    type: 'path',
    for: 'both',
    default: '/var/lib/mcollective',
    about: 'Directory for what must outlive the process: roster, replay journal.',
  },

  // Plugins chosen
  {
    key: 'connector',
    type: 'enum',
    for: 'both',
    default: 'activemq',
    allowed: ['activemq', 'rabbitmq', 'stomp'],
    about:
      'How destinations are named on the broker. The embedded broker and ActiveMQ: `activemq`. `stomp` is read as `activemq`.',
  },
  {
    key: 'securityprovider',
    type: 'enum',
    for: 'both',
    default: 'psk',
    allowed: ['psk', 'aes'],
    about: 'Security scheme of messages: one shared key, or keys of every caller and node with end-to-end encryption.',
  },
  {
    key: 'factsource',
    type: 'enum',
    for: 'server',
    default: 'auto',
    allowed: ['auto', 'yaml', 'facter', 'builtin'],
    about:
      'Where facts come from. `auto`: the YAML files when there are any, else Facter when it is found, else the built-in collector.',
  },
  {
    key: 'registration',
    type: 'name',
    for: 'server',
    default: 'agentlist',
    about: 'Content of registration messages. All values send agents, collectives, classes and facts.',
  },
  {
    key: 'default_discovery_method',
    type: 'name',
    for: 'client',
    default: 'mc',
    about: 'Discovery method when `--dm` is not given: `mc`, `roster`, `flatfile`, `stdin`.',
  },
  {
    key: 'default_discovery_options',
    type: 'string',
    for: 'client',
    repeatable: true,
    about: 'Options of the default discovery method, such as a file name; one a line.',
  },

  // Requests
  {
    key: 'ttl',
    type: 'seconds',
    for: 'both',
    default: 60,
    min: 1,
    max: 86_400,
    about: 'How long a request stays valid.',
  },
  {
    key: 'skew_seconds',
    type: 'seconds',
    for: 'server',
    default: 60,
    min: 0,
    max: 3_600,
    about:
      'How far the clock of a client may be ahead before its requests are refused with a message that names the skew.',
  },
  {
    key: 'direct_addressing',
    type: 'boolean',
    for: 'both',
    default: true,
    about: 'Address few or named nodes one by one instead of by broadcast.',
  },
  {
    key: 'direct_addressing_threshold',
    type: 'integer',
    for: 'client',
    default: 10,
    min: 0,
    max: 100_000,
    ignored: NO_EFFECT,
    about: 'Up to how many discovered nodes are addressed one by one.',
  },
  {
    key: 'discovery_timeout',
    type: 'seconds',
    for: 'client',
    defaultText: "the method's own: `mc` 2, others 0",
    min: 0,
    max: 3_600,
    about:
      'How long an expected node may give no sign of life; longer while others are still being heard of, and for thousands of silent nodes.',
  },
  {
    key: 'publish_timeout',
    type: 'seconds',
    for: 'client',
    default: 2,
    min: 1,
    max: 3_600,
    ignored: NO_EFFECT,
    about: 'Time limit for handing a request to the broker.',
  },
  {
    key: 'connection_timeout',
    type: 'seconds',
    for: 'client',
    defaultText: 'none',
    min: 1,
    max: 3_600,
    about: 'Time limit for the first connection of a client.',
  },
  {
    key: 'threaded',
    type: 'boolean',
    for: 'client',
    default: false,
    ignored: NO_EFFECT,
    about: 'Receive while still publishing: always the case here.',
  },
  {
    key: 'rpclimitmethod',
    type: 'enum',
    for: 'client',
    default: 'first',
    allowed: ['first', 'random'],
    about: 'Which nodes `--limit` chooses.',
  },
  {
    key: 'default_batch_size',
    type: 'integer',
    for: 'client',
    default: 0,
    min: 0,
    max: 1_000_000,
    about: 'Nodes per batch when `--batch` is not given; 0: all at once.',
  },
  {
    key: 'default_batch_sleep_time',
    type: 'seconds',
    for: 'client',
    fraction: true,
    default: 1,
    min: 0,
    max: 86_400,
    about: 'Pause between batches.',
  },
  {
    key: 'roster',
    type: 'boolean',
    for: 'server',
    default: false,
    about: 'Keep a roster of nodes from their registrations on this node.',
  },
  {
    key: 'rosterfile',
    type: 'path',
    for: 'both',
    defaultText: '`roster.json` in `statedir`',
    about: 'The roster: written by a node with `roster = 1`, read by clients on the same machine.',
  },

  // Node
  {
    key: 'fact_cache_time',
    type: 'seconds',
    for: 'server',
    default: 300,
    min: 1,
    max: 86_400,
    about: 'Facts are collected again after this time; YAML files also when they change.',
  },
  {
    key: 'classesfile',
    type: 'path',
    for: 'server',
    defaultText: "the first of Puppet's usual places that exists",
    about: 'File with the Puppet classes of this node, one a line.',
  },
  {
    key: 'registerinterval',
    type: 'seconds',
    for: 'server',
    default: 0,
    min: 0,
    max: 86_400,
    about: 'Time between registrations; 0: none.',
  },
  {
    key: 'registration_collective',
    type: 'string',
    for: 'server',
    defaultText: '`main_collective`',
    about: 'Collective to send registrations to.',
  },
  {
    key: 'registration_splay',
    type: 'boolean',
    for: 'server',
    default: false,
    about: 'Delay the first registration by a random part of the interval.',
  },
  {
    key: 'activate_agents',
    type: 'boolean',
    for: 'server',
    default: true,
    about: 'Whether agents are active unless their own setting says otherwise.',
  },
  {
    key: 'plugin.NAME.activate_agent',
    type: 'boolean',
    for: 'server',
    defaultText: '`activate_agents`',
    about: 'Whether the agent NAME is active on this node.',
  },
  {
    key: 'agent_concurrency',
    type: 'integer',
    for: 'server',
    default: 20,
    min: 1,
    max: 1_000,
    about: 'Actions running at the same time; further requests are refused as overloaded.',
  },
  {
    key: 'replay_journal',
    type: 'path',
    for: 'server',
    defaultText: '`replay` in `statedir`',
    about: 'File that remembers the requests seen, so that none is accepted twice, restarts included.',
  },
  {
    key: 'soft_shutdown',
    type: 'boolean',
    for: 'server',
    default: false,
    about: 'When stopping, let running actions finish.',
  },
  {
    key: 'soft_shutdown_timeout',
    type: 'seconds',
    for: 'server',
    defaultText: 'none',
    min: 0,
    max: 86_400,
    about: 'Longest wait of a soft shutdown.',
  },
  {
    key: 'daemonize',
    type: 'boolean',
    for: 'all',
    about: 'Detach from the terminal. Not set: as the command line says.',
  },
  { key: 'pidfile', type: 'path', for: 'all', about: 'File to write the process id to.' },

  // Authorization and audit
  {
    key: 'rpcauthorization',
    type: 'boolean',
    for: 'server',
    default: false,
    about: 'Ask the authorization plugin about every request.',
  },
  {
    key: 'rpcauthprovider',
    type: 'enum',
    for: 'server',
    default: 'action_policy',
    allowed: ['action_policy'],
    aliases: { actionpolicy: 'action_policy' },
    about: 'Authorization plugin.',
  },
  {
    key: 'plugin.actionpolicy.allow_unconfigured',
    type: 'boolean',
    for: 'server',
    default: false,
    about: 'Allow calls to agents that have no policy file.',
  },
  {
    key: 'plugin.actionpolicy.enable_default',
    type: 'boolean',
    for: 'server',
    default: false,
    about: 'Use the default policy file for agents without one.',
  },
  {
    key: 'plugin.actionpolicy.default_name',
    type: 'string',
    for: 'server',
    default: 'default',
    about: 'Name of the default policy file, without `.policy`.',
  },
  {
    key: 'rpcaudit',
    type: 'boolean',
    for: 'server',
    default: false,
    about: 'Write an audit log of requests, refused ones included.',
  },
  {
    key: 'rpcauditprovider',
    type: 'enum',
    for: 'server',
    default: 'logfile',
    allowed: ['logfile'],
    about: 'Audit plugin.',
  },
  {
    key: 'plugin.rpcaudit.logfile',
    type: 'path',
    for: 'server',
    default: '/var/log/puppetlabs/mcollective/mcollective-audit.log',
    about: 'The audit log.',
  },
  {
    key: 'plugin.rpcaudit.format',
    type: 'enum',
    for: 'server',
    default: 'text',
    allowed: ['text', 'json'],
    about: 'Lines as MCollective wrote them, or one JSON object a line with outcome and duration.',
  },

  // Facts
  {
    key: 'plugin.yaml',
    type: 'paths',
    for: 'server',
    defaultText: '`facts.yaml` beside the configuration file',
    about: 'YAML files with facts; top level keys of later files win.',
  },
  {
    key: 'plugin.facter.command',
    type: 'path',
    for: 'server',
    defaultText: 'searched: `/opt/puppetlabs/bin`, then the usual directories',
    about: "Facter's program.",
  },
  {
    key: 'plugin.facter.timeout',
    type: 'seconds',
    for: 'server',
    default: 30,
    min: 1,
    max: 3_600,
    about: 'Facter is stopped after this time and the last good facts are kept.',
  },

  // Log
  {
    key: 'logger_type',
    type: 'enum',
    for: 'all',
    default: 'file',
    clientDefault: 'console',
    allowed: ['file', 'syslog', 'console'],
    about: 'Where log lines go.',
  },
  {
    key: 'logfile',
    type: 'path',
    for: 'all',
    default: '/var/log/puppetlabs/mcollective/mcollective.log',
    about: 'Log file, with `logger_type = file`.',
  },
  { key: 'keeplogs', type: 'integer', for: 'all', default: 5, min: 0, max: 1_000, about: 'Rotated log files to keep.' },
  {
    key: 'max_log_size',
    type: 'integer',
    for: 'all',
    unit: 'bytes',
    default: 2_097_152,
    min: 4_096,
    max: 1_099_511_627_776,
    about: 'Size at which the log file is rotated.',
  },
  {
    key: 'loglevel',
    type: 'enum',
    for: 'all',
    default: 'info',
    clientDefault: 'warn',
    allowed: ['debug', 'info', 'warn', 'error', 'fatal'],
    about: 'The least severe level to log.',
  },
  { key: 'logfacility', type: 'string', for: 'all', default: 'user', about: 'Facility, with `logger_type = syslog`.' },

  // Screen
  {
    key: 'color',
    type: 'boolean',
    for: 'client',
    default: true,
    env: 'NO_COLOR',
    envMeans: 'false',
    about: 'Colours on terminals. A set `NO_COLOR` switches them off.',
  },
  {
    key: 'cli.look',
    type: 'enum',
    for: 'client',
    default: 'classic',
    allowed: ['classic', 'modern'],
    env: 'MCO_LOOK',
    about: 'Output as in 2011 or as in MCollective 2.12.',
  },
  {
    key: 'cli.strict_exit',
    type: 'boolean',
    for: 'client',
    default: false,
    about: 'Exit 3 when any expected node gave no answer, as with `--strict`.',
  },

  // Pre-shared key
  { key: 'plugin.psk', type: 'secret', for: 'both', env: 'MCOLLECTIVE_PSK', about: 'The pre-shared key.' },
  {
    key: 'plugin.psk.file',
    type: 'path',
    for: 'both',
    about:
      'File to read the key from when `plugin.psk` is not set, e.g. `/etc/puppetlabs/mcollective/credentials`: its first line that is no comment. A change is noticed without a restart.',
  },
  {
    key: 'plugin.psk.callertype',
    type: 'enum',
    for: 'both',
    default: 'uid',
    allowed: ['uid', 'gid', 'user', 'group', 'identity'],
    about: 'What names the caller, e.g. `uid=0`.',
  },
  {
    key: 'plugin.psk.previous',
    type: 'secret',
    for: 'both',
    about:
      'The key before the last change: accepted until `plugin.psk.previous_until`, and used for new messages until two minutes before.',
  },
  {
    key: 'plugin.psk.previous_file',
    type: 'path',
    for: 'both',
    about:
      'File to read that key and, in a line `until = TIME`, its end from, e.g. `/etc/puppetlabs/mcollective/credentials.previous`. It belongs to `plugin.psk.file` and may be absent.',
  },
  {
    key: 'plugin.psk.previous_until',
    type: 'time',
    for: 'both',
    about: 'End of the grace period, e.g. `2026-12-01T00:00:00Z`.',
  },

  // Keys of callers and nodes
  {
    key: 'plugin.aes.key',
    type: 'path',
    for: 'both',
    about: 'File with the private keys of this client or node, PEM, mode 0600.',
  },
  {
    key: 'plugin.aes.certificate',
    type: 'path',
    for: 'both',
    about: 'File with the certificate that belongs to them. Its name is the caller id (`cert=NAME`) or the identity.',
  },
  {
    key: 'plugin.aes.authority',
    type: 'paths',
    for: 'both',
    about: 'Files with the public keys of the authorities whose certificates are believed.',
  },
  {
    key: 'plugin.aes.group',
    type: 'paths',
    for: 'both',
    about:
      'Files with group keys, which broadcasts are encrypted to: nodes need the private keys (mode 0600), clients the certificates. The first for a collective is used to encrypt.',
  },
  {
    key: 'plugin.aes.revoked',
    type: 'path',
    for: 'both',
    about: 'File with the serials of revoked certificates, one a line; read again when it changes.',
  },
  {
    key: 'plugin.aes.certificates',
    type: 'path',
    for: 'client',
    about:
      'Directory with certificates of nodes, `IDENTITY.pem`: requests to those are encrypted to them alone, also before they have answered once.',
  },
  {
    key: 'plugin.aes.previous_keys',
    type: 'paths',
    for: 'both',
    about: 'Files with private keys this process had before (mode 0600): messages encrypted to them are still read.',
  },
  {
    key: 'plugin.aes.accept',
    type: 'list',
    for: 'both',
    about:
      'Schemes accepted beside `aes` while a fleet changes over: `psk`. Whoever has the pre-shared key can command until it is removed.',
  },

  // Broker connection
  {
    key: 'plugin.CONNECTOR.pool.size',
    type: 'integer',
    for: 'both',
    defaultText: 'the highest `N` with a host',
    min: 1,
    max: 100,
    about: 'Number of brokers in the pool.',
  },
  { key: 'plugin.CONNECTOR.pool.N.host', type: 'string', for: 'both', about: 'Host of broker N.' },
  {
    key: 'plugin.CONNECTOR.pool.N.port',
    type: 'integer',
    for: 'both',
    default: 61_613,
    min: 1,
    max: 65_535,
    about: 'Port of broker N.',
  },
  {
    key: 'plugin.CONNECTOR.pool.N.user',
    type: 'string',
    for: 'both',
    env: 'STOMP_USER',
    about: 'Account on the broker.',
  },
  {
    key: 'plugin.CONNECTOR.pool.N.password',
    type: 'secret',
    for: 'both',
    env: 'STOMP_PASSWORD',
    about: 'Its password.',
  },
  {
    key: 'plugin.CONNECTOR.pool.N.ssl',
    type: 'boolean',
    for: 'both',
    default: true,
    about: 'TLS. MCollective had it off by default; here it must be switched off in so many words.',
  },
  {
    key: 'plugin.CONNECTOR.pool.N.ssl.verify',
    type: 'enum',
    for: 'both',
    default: 'host',
    allowed: ['host', 'none'],
    about:
      "`host`: the broker's certificate must be signed by a CA of `ssl.ca` and name the host. `none`: encrypted, but anybody can pose as the broker (the behaviour of PE 2.0).",
  },
  { key: 'plugin.CONNECTOR.pool.N.ssl.ca', type: 'list', for: 'both', about: 'CA files, PEM.' },
  {
    key: 'plugin.CONNECTOR.pool.N.ssl.cert',
    type: 'path',
    for: 'both',
    env: 'MCOLLECTIVE_{CONNECTOR}_POOL{N}_SSL_CERT',
    about: 'Client certificate, PEM.',
  },
  {
    key: 'plugin.CONNECTOR.pool.N.ssl.key',
    type: 'path',
    for: 'both',
    env: 'MCOLLECTIVE_{CONNECTOR}_POOL{N}_SSL_KEY',
    about: 'Its private key, PEM.',
  },
  {
    key: 'plugin.CONNECTOR.pool.N.ssl.ciphers',
    type: 'string',
    for: 'both',
    defaultText: "the library's",
    about: 'OpenSSL cipher list for TLS 1.2.',
  },
  {
    key: 'plugin.CONNECTOR.pool.N.ssl.fallback',
    type: 'boolean',
    for: 'both',
    default: false,
    about: 'Without `ssl.ca`: go on as with `ssl.verify = none`.',
  },
  {
    key: 'plugin.CONNECTOR.vhost',
    type: 'string',
    for: 'both',
    defaultText: 'activemq `mcollective`, rabbitmq `/`',
    about: 'Value of the `host` header.',
  },
  {
    key: 'plugin.CONNECTOR.heartbeat_interval',
    type: 'seconds',
    for: 'both',
    default: 30,
    min: 0,
    max: 86_400,
    about: 'Heart-beats; 0: none. MCollective had them off by default and raised values below 30.',
  },
  {
    key: 'plugin.CONNECTOR.max_hbread_fails',
    type: 'integer',
    for: 'both',
    default: 2,
    min: 1,
    max: 1_000,
    about: 'Missed heart-beats until the connection is given up.',
  },
  {
    key: 'plugin.CONNECTOR.stomp_1_0_fallback',
    type: 'boolean',
    for: 'both',
    default: true,
    about: 'Accept STOMP 1.0 from the broker.',
  },
  {
    key: 'plugin.CONNECTOR.initial_reconnect_delay',
    type: 'seconds',
    for: 'both',
    fraction: true,
    default: 0.01,
    min: 0,
    max: 3_600,
    about: 'First pause before connecting again.',
  },
  {
    key: 'plugin.CONNECTOR.max_reconnect_delay',
    type: 'seconds',
    for: 'both',
    fraction: true,
    default: 30,
    min: 0,
    max: 86_400,
    about: 'Longest pause before connecting again.',
  },
  {
    key: 'plugin.CONNECTOR.use_exponential_back_off',
    type: 'boolean',
    for: 'both',
    default: true,
    about: 'Lengthen the pause after every failure.',
  },
  {
    key: 'plugin.CONNECTOR.back_off_multiplier',
    type: 'integer',
    for: 'both',
    fraction: true,
    default: 2,
    min: 1,
    max: 100,
    about: 'By how much.',
  },
  {
    key: 'plugin.CONNECTOR.max_reconnect_attempts',
    type: 'integer',
    for: 'both',
    default: 0,
    min: 0,
    max: 1_000_000,
    about: 'Attempts until giving up; 0: never.',
  },
  {
    key: 'plugin.CONNECTOR.randomize',
    type: 'boolean',
    for: 'both',
    default: false,
    about: 'Try the pool in random order.',
  },
  {
    key: 'plugin.CONNECTOR.connect_timeout',
    type: 'seconds',
    for: 'both',
    default: 30,
    min: 1,
    max: 3_600,
    about: 'Time limit for one TCP and TLS connection.',
  },
  {
    key: 'plugin.CONNECTOR.base64',
    type: 'boolean',
    for: 'both',
    default: false,
    about: 'Message bodies as base64 text; all of a collective must agree.',
  },
  {
    key: 'plugin.CONNECTOR.priority',
    type: 'integer',
    for: 'both',
    default: 0,
    min: 0,
    max: 9,
    about: 'Priority header of messages (activemq); 0: none.',
  },
  {
    key: 'plugin.CONNECTOR.agents_multiplex',
    type: 'boolean',
    for: 'both',
    default: false,
    about: 'One destination for all agents; all of a collective must agree.',
  },
  {
    key: 'plugin.CONNECTOR.use_reply_exchange',
    type: 'boolean',
    for: 'both',
    default: false,
    about: 'Replies through the exchange `mcollective_reply` (rabbitmq).',
  },
  {
    key: 'plugin.CONNECTOR.prompt_user',
    type: 'boolean',
    for: 'client',
    default: false,
    ignored: NO_EFFECT,
    about: 'Ask for the account on the terminal when it is not set.',
  },
  {
    key: 'plugin.CONNECTOR.prompt_password',
    type: 'boolean',
    for: 'client',
    default: false,
    ignored: NO_EFFECT,
    about: 'Ask for the password on the terminal when it is not set.',
  },
  {
    key: 'plugin.CONNECTOR.max_hbrlck_fails',
    type: 'integer',
    for: 'both',
    ignored: NO_EFFECT,
    about: 'Lock failures of the Ruby library.',
  },
  {
    key: 'plugin.CONNECTOR.backup',
    type: 'boolean',
    for: 'both',
    ignored: NO_EFFECT,
    about: 'Had no effect in MCollective either.',
  },
  {
    key: 'plugin.CONNECTOR.timeout',
    type: 'integer',
    for: 'both',
    ignored: NO_EFFECT,
    about: 'Had no effect in MCollective either.',
  },

  // Schemes of other fleets
  {
    key: 'ssl_cipher',
    type: 'string',
    for: 'both',
    default: 'aes-256-cbc',
    ignored: LATER,
    about: 'Cipher of `aes_security`.',
  },
  { key: 'plugin.ssl_NAME', type: 'string', for: 'both', ignored: LATER, about: 'Settings of the scheme `ssl`.' },
  {
    key: 'plugin.ssl.enforce_ttl',
    type: 'boolean',
    for: 'server',
    ignored: LATER,
    about: 'Setting of the scheme `ssl`.',
  },
  {
    key: 'plugin.rpc.graph',
    type: 'boolean',
    for: 'client',
    ignored: NO_EFFECT,
    about: 'Drew graphs of response times.',
  },

  // Gone since MCollective 2
  {
    key: 'topicprefix',
    type: 'string',
    for: 'both',
    deprecated: 'remove it: destinations are fixed',
    about: 'Was the start of topic names.',
  },
  {
    key: 'topicsep',
    type: 'string',
    for: 'both',
    deprecated: 'remove it: destinations are fixed',
    about: 'Was the separator in topic names.',
  },
  {
    key: 'queueprefix',
    type: 'string',
    for: 'both',
    deprecated: 'remove it: destinations are fixed',
    about: 'Was the start of queue names.',
  },
  {
    key: 'rpchelptemplate',
    type: 'string',
    for: 'both',
    deprecated: 'remove it: help has one form',
    about: 'Was a template of help texts.',
  },
  {
    key: 'helptemplatedir',
    type: 'string',
    for: 'both',
    deprecated: 'remove it: help has one form',
    about: 'Was a directory of help templates.',
  },

  // The web console, client.cfg
  {
    key: 'console.listen',
    type: 'address',
    for: 'client',
    default: '127.0.0.1:4433',
    about: 'Address the web console listens on: `[::]:4433` for the whole network; port 0 picks a free one.',
  },
  {
    key: 'console.url',
    type: 'string',
    for: 'client',
    defaultText: 'of `console.listen`, or of the first of `console.names`',
    about:
      'Where browsers know the console, e.g. `https://console.example.com`: in links, and where an OpenID provider sends people back to.',
  },
  {
    key: 'console.names',
    type: 'list',
    for: 'client',
    defaultText: '`identity`',
    about:
      'Host names and addresses in the certificate the console makes for itself, besides those of this machine alone.',
  },
  {
    key: 'console.tls',
    type: 'boolean',
    for: 'client',
    default: true,
    about: 'HTTPS. Switch it off only behind a reverse proxy on the same machine, which then must speak HTTPS.',
  },
  {
    key: 'console.tls.cert',
    type: 'path',
    for: 'client',
    defaultText: "signed by the collective's authority",
    about: "The console's certificate with its chain, PEM.",
  },
  { key: 'console.tls.key', type: 'path', for: 'client', about: 'Its private key, PEM.' },
  {
    key: 'console.trusted_proxies',
    type: 'list',
    for: 'client',
    about: 'Addresses or networks of reverse proxies whose `X-Forwarded-For`, `-Host` and `-Proto` are believed.',
  },
  {
    key: 'console.logfile',
    type: 'path',
    for: 'client',
    defaultText: 'as `logger_type` says; with `--daemonize` `/var/log/puppetlabs/mcollective/troupe-console.log`',
    about: 'Log file of `mco console`, rotated as `keeplogs` and `max_log_size` say.',
  },
  {
    key: 'console.directory',
    type: 'path',
    for: 'client',
    defaultText: '`console` below `statedir`',
    about: 'What the console keeps: database, certificate, keys to speak for its accounts. Nobody else may read it.',
  },
  {
    key: 'console.store',
    type: 'string',
    for: 'client',
    defaultText: '`console.db` in `console.directory`',
    about: '`sqlite:/absolute/path` or `postgres://user@host:5432/database`; see docs/guide/console.md.',
  },
  { key: 'console.store.password', type: 'secret', for: 'client', about: 'Password for PostgreSQL.' },
  { key: 'console.store.ca', type: 'path', for: 'client', about: 'CA of the PostgreSQL server, PEM.' },
  {
    key: 'console.live_management',
    type: 'boolean',
    for: 'client',
    default: true,
    about: 'Whether Live Management is on until an administrator says otherwise in the console.',
  },
  {
    key: 'console.refresh_interval',
    type: 'seconds',
    for: 'client',
    default: 60,
    min: 5,
    max: 86_400,
    about: 'How often the console looks who is in the collective.',
  },
  {
    key: 'console.puppet_interval',
    type: 'seconds',
    for: 'client',
    default: 900,
    min: 0,
    max: 86_400,
    about: 'How often the console asks all nodes what Puppet did last; 0: only when somebody asks.',
  },
  {
    key: 'console.looking_actions',
    type: 'list',
    for: 'client',
    about:
      'Actions of your agents that change nothing, as `AGENT.ACTION`: viewers may run them, besides those of the agents that come with Troupe.',
  },
  {
    key: 'console.volatile_outputs',
    type: 'list',
    for: 'client',
    about:
      'Outputs that differ by their nature, as `OUTPUT`, `AGENT.OUTPUT` or `AGENT.ACTION.OUTPUT`: they do not make answers different.',
  },
  {
    key: 'console.puppetdb.url',
    type: 'string',
    for: 'client',
    about: 'PuppetDB for older reports of runs, e.g. `https://puppetdb.example.com:8081`.',
  },
  { key: 'console.puppetdb.ca', type: 'path', for: 'client', about: 'Authority that signed its certificate, PEM.' },
  { key: 'console.puppetdb.cert', type: 'path', for: 'client', about: 'Certificate the console shows to it, PEM.' },
  { key: 'console.puppetdb.key', type: 'path', for: 'client', about: 'Private key of that certificate, PEM.' },
  {
    key: 'console.session_idle',
    type: 'seconds',
    for: 'client',
    default: 3_600,
    min: 60,
    max: 2_592_000,
    about: 'A session nobody uses for so long ends.',
  },
  {
    key: 'console.session_max',
    type: 'seconds',
    for: 'client',
    default: 43_200,
    min: 300,
    max: 2_592_000,
    about: 'However it is used, a session ends after so long.',
  },
  {
    key: 'console.aes.authority_key',
    type: 'path',
    for: 'client',
    defaultText: '`aes/authority.key` beside the configuration file',
    about: 'Scheme aes: signs keys for the accounts of the console. Without it they must be made by hand.',
  },
  {
    key: 'console.oidc.issuer',
    type: 'string',
    for: 'client',
    about: 'OpenID provider, e.g. `https://sso.example.com/realms/main`. Not set: accounts have passwords only.',
  },
  { key: 'console.oidc.client_id', type: 'string', for: 'client', about: 'Name of the console at the provider.' },
  {
    key: 'console.oidc.client_secret_file',
    type: 'path',
    for: 'client',
    about: 'File with its secret, readable by the console alone. Not set: a public client, protected by PKCE.',
  },
  {
    key: 'console.oidc.name',
    type: 'string',
    for: 'client',
    default: 'single sign-on',
    about: 'What the button says.',
  },
  {
    key: 'console.oidc.scopes',
    type: 'list',
    for: 'client',
    default: ['openid', 'profile'],
    about: 'Scopes to ask for; many providers need one for groups.',
  },
  {
    key: 'console.oidc.name_claim',
    type: 'string',
    for: 'client',
    default: 'preferred_username',
    about: 'Claim that names the account; what follows an `@` is left out.',
  },
  {
    key: 'console.oidc.groups_claim',
    type: 'string',
    for: 'client',
    default: 'groups',
    about: 'Claim with groups or roles; `realm_access.roles` looks inside.',
  },
  {
    key: 'console.oidc.administrators',
    type: 'list',
    for: 'client',
    about: 'Groups whose members are administrators. The highest role counts; who is in no group may not sign in.',
  },
  {
    key: 'console.oidc.operators',
    type: 'list',
    for: 'client',
    about: 'Groups whose members are operators.',
  },
  {
    key: 'console.oidc.viewers',
    type: 'list',
    for: 'client',
    about: 'Groups whose members are viewers; `*`: everybody the provider knows.',
  },

  // The embedded broker, broker.cfg
  {
    key: 'broker.listen',
    type: 'address',
    for: 'broker',
    default: '[::]:61613',
    about: 'Address to listen on; port 0 picks a free one.',
  },
  {
    key: 'broker.tls',
    type: 'boolean',
    for: 'broker',
    default: true,
    about: 'TLS. Switched off, passwords and messages travel in the clear.',
  },
  { key: 'broker.tls.cert', type: 'path', for: 'broker', about: "The broker's certificate with its chain, PEM." },
  { key: 'broker.tls.key', type: 'path', for: 'broker', about: 'Its private key, PEM.' },
  { key: 'broker.tls.ca', type: 'path', for: 'broker', about: 'CA of client certificates, PEM.' },
  {
    key: 'broker.tls.client_certs',
    type: 'enum',
    for: 'broker',
    default: 'optional',
    allowed: ['none', 'optional', 'required'],
    about: 'Whether connections must show a certificate signed by `broker.tls.ca`.',
  },
  {
    key: 'broker.tls.ciphers',
    type: 'string',
    for: 'broker',
    defaultText: "the library's",
    about: 'OpenSSL cipher list for TLS 1.2.',
  },
  { key: 'broker.account.NAME.password', type: 'secret', for: 'broker', about: 'Password of the account NAME.' },
  {
    key: 'broker.account.NAME.role',
    type: 'enum',
    for: 'broker',
    allowed: ['client', 'node'],
    about:
      '`node`: may receive requests and publish replies and registrations. `client`: may publish requests and receive replies.',
  },
  {
    key: 'broker.account.NAME.certificate',
    type: 'list',
    for: 'broker',
    about:
      'Common names of the client certificates that belong to the account, `*` for any; with a password both are needed.',
  },
  {
    key: 'broker.account.NAME.identity',
    type: 'enum',
    for: 'broker',
    allowed: ['certificate', 'login'],
    defaultText: 'not checked',
    about:
      'Role `node`: what must equal the identity whose directed requests a connection asks for: the common name of its certificate, or its login.',
  },
  {
    key: 'broker.max_connections',
    type: 'integer',
    for: 'broker',
    default: BROKER_CONNECTIONS_MAX,
    min: 1,
    max: 1_000_000,
    about: 'Connections at the same time, logged in or not.',
  },
  {
    key: 'broker.max_unauthenticated',
    type: 'integer',
    for: 'broker',
    default: BROKER_UNAUTHENTICATED_MAX,
    min: 1,
    max: 1_000_000,
    about: 'Connections at the same time that have not logged in yet.',
  },
  {
    key: 'broker.max_frame_bytes',
    type: 'integer',
    for: 'broker',
    unit: 'bytes',
    default: STOMP_FRAME_BYTES_MAX,
    min: 4_096,
    max: 1_073_741_824,
    about: 'Largest frame of an account that has logged in.',
  },
  {
    key: 'broker.consumer_buffer_bytes',
    type: 'integer',
    for: 'broker',
    unit: 'bytes',
    default: BROKER_OUTGOING_BYTES_MAX,
    min: 65_536,
    max: 1_073_741_824,
    about: 'What may wait for a slow connection before it is cut off.',
  },
  {
    key: 'broker.login_timeout',
    type: 'seconds',
    for: 'broker',
    default: BROKER_LOGIN_MS_MAX / 1000,
    min: 1,
    max: 3_600,
    about: 'Time to complete TLS and login.',
  },
  {
    key: 'broker.heartbeat_interval',
    type: 'seconds',
    for: 'broker',
    default: BROKER_HEARTBEAT_MS / 1000,
    min: 0,
    max: 3_600,
    about: 'Heart-beats the broker offers; 0: none.',
  },
  {
    key: 'broker.drain_timeout',
    type: 'seconds',
    for: 'broker',
    default: 5,
    min: 0,
    max: 3_600,
    about: 'Time to deliver what is pending when stopping.',
  },
] as const satisfies readonly Definition[]

type Definitions = (typeof DEFINITIONS)[number]
export type SettingKey = Definitions['key']
export type DefinitionOf<Key extends SettingKey> = Extract<Definitions, { key: Key }>
