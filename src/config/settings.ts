// What a configuration means, as plain typed objects: one per kind of process, units in the names. make-settings.ts fills them,
// main/ hands the parts to the layers. [wire 9.2]

import type { Value } from './mask.ts'
import type { Secret } from './secret.ts'

export interface ProcessSettings {
  /** Configuration file in use. */
  readonly file: string
  readonly directory: string
  /** For the log: what was odd but no error. */
  readonly warnings: readonly string[]
  readonly log: LogSettings
  /** undefined: as the command line says. */
  readonly daemonize: boolean | undefined
  readonly pidFile: string | undefined
  /** A setting as operators may see it, secrets masked; undefined: no such setting. `item('ttl')` is 60. [agents 7, A8] */
  item(name: string): Value | undefined
}

export interface LogSettings {
  readonly type: 'file' | 'syslog' | 'console'
  readonly file: string
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'fatal'
  readonly keepFiles: number
  readonly rotateBytes: number
  readonly facility: string
}

/** What client and server files have in common. */
export interface MemberSettings extends ProcessSettings {
  readonly identity: string
  readonly collectives: readonly string[]
  readonly mainCollective: string
  readonly libdirs: readonly string[]
  readonly stateDirectory: string
  readonly rosterFile: string
  readonly ttlSeconds: number
  readonly directAddressing: boolean
  readonly connection: ConnectionSettings
  readonly security: SecuritySettings
  /** Text of `plugin.<name>`, for agents' own settings, e.g. `plugin('puppetd.splaytime')`; the core's secrets are withheld. */
  plugin(name: string): string | undefined
}

export interface SecuritySettings {
  readonly scheme: 'psk' | 'aes'
  readonly psk: {
    readonly key: Secret | undefined
    /** Where the key is when `key` is not set. */
    readonly keyFile: string | undefined
    readonly callerType: 'uid' | 'gid' | 'user' | 'group' | 'identity'
    readonly previous: Secret | undefined
    /** Milliseconds since 1970. */
    readonly previousUntilMs: number | undefined
    /** Where both are when the key is in `keyFile` and `previous` is not set; it may be absent. */
    readonly previousFile: string | undefined
  }
  readonly aes: AesSettings
}

/** Files; those that `scheme` aes cannot do without are empty or undefined for psk alone. */
export interface AesSettings {
  readonly keyFile: string | undefined
  readonly certificateFile: string | undefined
  readonly authorityFiles: readonly string[]
  readonly groupFiles: readonly string[]
  readonly revokedFile: string | undefined
  /** Directory of `IDENTITY.pem`. */
  readonly certificatesDirectory: string | undefined
  readonly previousKeyFiles: readonly string[]
  /** Messages of the psk scheme are accepted as well. */
  readonly acceptPsk: boolean
}

export interface ConnectionSettings {
  readonly connector: 'activemq' | 'rabbitmq'
  /** In order of preference; empty when no broker is configured. */
  readonly pool: readonly PoolMember[]
  readonly vhost: string
  readonly heartbeatSeconds: number
  readonly heartbeatsMissedMax: number
  readonly acceptStomp10: boolean
  readonly initialReconnectSeconds: number
  readonly reconnectSecondsMax: number
  readonly exponentialBackoff: boolean
  readonly backoffMultiplier: number
  /** 0: no limit. */
  readonly reconnectAttemptsMax: number
  readonly randomize: boolean
  readonly connectTimeoutSeconds: number
  readonly base64: boolean
  /** 0: none. */
  readonly priority: number
  readonly agentsMultiplex: boolean
  readonly useReplyExchange: boolean
}

export interface PoolMember {
  readonly host: string
  readonly port: number
  readonly user: string | undefined
  readonly password: Secret | undefined
  /** undefined: no TLS. */
  readonly tls: TlsSettings | undefined
}

export interface TlsSettings {
  readonly verify: 'host' | 'none'
  readonly caFiles: readonly string[]
  readonly certFile: string | undefined
  readonly keyFile: string | undefined
  readonly ciphers: string | undefined
}

export interface ServerSettings extends MemberSettings {
  readonly kind: 'server'
  readonly facts: {
    readonly source: 'auto' | 'yaml' | 'facter' | 'builtin'
    readonly yamlFiles: readonly string[]
    readonly cacheSeconds: number
    readonly facterCommand: string | undefined
    readonly facterTimeoutSeconds: number
  }
  /** undefined: search Puppet's usual places. */
  readonly classesFile: string | undefined
  readonly registration: {
    readonly plugin: string
    /** 0: none. */
    readonly intervalSeconds: number
    readonly collective: string
    readonly splay: boolean
  }
  readonly keepRoster: boolean
  readonly audit: { readonly enabled: boolean; readonly file: string; readonly format: 'text' | 'json' }
  readonly authorization: {
    readonly enabled: boolean
    readonly policyDirectory: string
    readonly allowUnconfigured: boolean
    readonly useDefaultPolicy: boolean
    readonly defaultPolicyName: string
  }
  readonly agentConcurrency: number
  readonly skewSeconds: number
  readonly replayJournal: string
  readonly softShutdown: { readonly enabled: boolean; readonly timeoutSeconds: number | undefined }
  /** Whether an agent may be active, e.g. `agentActivated('puppetd')`. [wire 7.6] */
  agentActivated(name: string): boolean
}

export interface ClientSettings extends MemberSettings {
  readonly kind: 'client'
  readonly discoveryMethod: string
  readonly discoveryOptions: readonly string[]
  /** undefined: the method's own. */
  readonly discoveryTimeoutSeconds: number | undefined
  readonly connectionTimeoutSeconds: number | undefined
  readonly limitMethod: 'first' | 'random'
  /** 0: all at once. */
  readonly batchSize: number
  readonly batchSleepSeconds: number
  readonly look: 'classic' | 'modern'
  readonly strictExit: boolean
  readonly color: boolean
  readonly console: WebConsoleSettings
}

/** Of `mco console`. Paths are absolute. */
export interface WebConsoleSettings {
  readonly listen: { readonly host: string; readonly port: number }
  /** Without a slash at its end. */
  readonly url: string | undefined
  readonly names: readonly string[]
  readonly tls: boolean
  /** Both or none. */
  readonly certFile: string | undefined
  readonly keyFile: string | undefined
  readonly trustedProxies: readonly string[]
  /** undefined: what `log` says. */
  readonly logFile: string | undefined
  readonly directory: string
  readonly store: { readonly url: string; readonly password: Secret | undefined; readonly caFile: string | undefined }
  readonly liveManagement: boolean
  readonly refreshSeconds: number
  /** 0: only when somebody asks. */
  readonly puppetSeconds: number
  /** `AGENT.ACTION` */
  readonly lookingActions: readonly string[]
  readonly volatileOutputs: readonly string[]
  /** undefined: there is none. */
  readonly puppetDb:
    | {
        readonly url: string
        readonly caFile: string | undefined
        readonly certFile: string | undefined
        readonly keyFile: string | undefined
      }
    | undefined
  readonly sessionIdleSeconds: number
  readonly sessionMaxSeconds: number
  readonly aesAuthorityKeyFile: string
  /** undefined: there is no provider. */
  readonly oidc: OidcSettings | undefined
}

export interface OidcSettings {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecretFile: string | undefined
  readonly name: string
  readonly scopes: readonly string[]
  readonly nameClaim: string
  readonly groupsClaim: string
  readonly administrators: readonly string[]
  readonly operators: readonly string[]
  readonly viewers: readonly string[]
}

export interface BrokerSettings extends ProcessSettings {
  readonly kind: 'broker'
  readonly listen: { readonly host: string; readonly port: number }
  /** undefined: no TLS. */
  readonly tls: BrokerTlsSettings | undefined
  readonly accounts: readonly BrokerAccount[]
  readonly connectionsMax: number
  readonly unauthenticatedMax: number
  readonly frameBytesMax: number
  readonly consumerBufferBytesMax: number
  readonly loginTimeoutSeconds: number
  readonly heartbeatSeconds: number
  readonly drainTimeoutSeconds: number
}

export interface BrokerTlsSettings {
  readonly certFile: string
  readonly keyFile: string
  readonly caFile: string | undefined
  readonly clientCertificates: 'none' | 'optional' | 'required'
  readonly ciphers: string | undefined
}

export interface BrokerAccount {
  readonly name: string
  readonly password: Secret | undefined
  readonly role: 'client' | 'node'
  /** Common names of its client certificates, `*` for any; none: no certificate is asked for. */
  readonly certificates: readonly string[]
  /** What must equal the identity whose directed requests a connection asks for; undefined: not checked. */
  readonly identityFrom: 'certificate' | 'login' | undefined
}
