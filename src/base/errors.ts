// Every error a user can meet: one class, one table of stable codes. docs/reference/errors.md has an entry per code and a
// test holds table and page together. The prefix says by whose fault: WIRE_ (peer sent bad bytes), SECURITY_ (cannot be
// trusted), MESSAGE_ (trusted bytes that make no sense), TRANSPORT_ (network or broker), BROKER_ (the embedded broker),
// DDL_ (input does not fit), FILTER_ (a filter that cannot be understood), RPC_ (the action failed), CONFIG_ (operator's
// file), CONSOLE_ (a request to the web console), USAGE_ (command line), SETUP_ (making certificates, keys and configuration), STORE_ (the console's database).

/** Code -> one line on its meaning. Codes are never renamed. Keep the table sorted by prefix, then name. */
export const ERRORS = {
  BROKER_BAD_DESTINATION: 'a destination that is not the plain name of a topic or queue',
  BROKER_CANNOT_LISTEN: 'the embedded broker cannot open its port',
  BROKER_CONFIG_INVALID: 'the accounts, permissions or certificates given to the embedded broker cannot be used',
  BROKER_LIMIT: 'a connection asked the broker for more than it may have',
  BROKER_LOGIN_REFUSED: 'the broker does not know this login, or password or certificate are wrong',
  BROKER_NOT_PERMITTED: 'the account may not send to, or subscribe, this destination',
  BROKER_PROTOCOL: 'a frame that is readable but makes no sense to the broker',
  BROKER_QUEUE_FULL: 'a message can neither be delivered nor kept: the queue is full',
  BROKER_STOPPING: 'the broker is being stopped',
  CONFIG_BAD_POLICY: 'an authorization policy or its groups file has a line that cannot be read',
  CONFIG_INCOMPLETE: 'a setting without which this cannot be done is not set',
  CONFIG_INVALID: 'a configuration has unknown settings or values that do not fit',
  CONFIG_NOT_FOUND: 'there is no configuration file where one was looked for',
  CONFIG_UNREADABLE: 'a configuration or key file cannot be read',
  CONFIG_UNSAFE_KEY_FILE: 'a file with private keys can be read by others',
  CONSOLE_BAD_CSRF: 'a request in the name of a signed-in browser does not come from a page of the console',
  CONSOLE_CANNOT_LISTEN: 'the web console cannot open its port',
  CONSOLE_CONFLICT: 'what is to be made or changed stands against what is there',
  CONSOLE_FAILED: 'the console met something it did not expect',
  CONSOLE_INVALID: 'a request to the console is malformed, or an input of it does not fit',
  CONSOLE_LOCKED: 'an account is locked for a while after wrong passwords',
  CONSOLE_NOT_ALLOWED: 'the role of the account does not allow this',
  CONSOLE_NOT_FOUND: 'the console has nothing at that address, or of that name',
  CONSOLE_NOT_SIGNED_IN: 'the console wants to know who asks',
  CONSOLE_NO_BUS: 'the console reaches no broker at the moment',
  CONSOLE_NO_CALLER_KEY: 'there is no certified key to speak to nodes in the name of an account',
  CONSOLE_OFF: 'Live Management is switched off',
  CONSOLE_OIDC: 'signing in with the OpenID provider did not work',
  CONSOLE_PUPPETDB: 'PuppetDB cannot be asked, or its answer makes no sense',
  CONSOLE_STORE: 'what the console keeps cannot be read or written',
  CONSOLE_TOO_LARGE: 'a request to the console is larger than it may be',
  CONSOLE_TOO_MANY: 'somebody asks the console more often than it answers',
  DDL_BAD_ARGUMENT: 'text for an input cannot be converted to the type its DDL declares',
  DDL_BAD_FORMAT: 'a printf format cannot be used, or not with these values',
  DDL_INVALID: 'a DDL is readable but says something that cannot be, or leaves out what must be said',
  DDL_INVALID_INPUT: 'an input is not what the DDL allows',
  DDL_MISSING_INPUT: 'a required input is missing',
  DDL_NOT_FOUND: 'no DDL of that plugin is installed',
  DDL_REQUIRES: 'a plugin needs a newer version of the framework',
  DDL_SYNTAX: 'a .ddl file goes beyond the DDL language',
  DDL_TOO_LARGE: 'a DDL is over a limit on size, nesting or loops',
  DDL_UNKNOWN_ACTION: 'the DDL of the agent does not declare that action',
  FILTER_BAD_COMPOUND: 'the text of -S is not a compound expression',
  FILTER_BAD_DATA: 'a data test of a filter does not fit the DDL of its data plugin',
  FILTER_BAD_FACT: 'the text of -F is not a fact test',
  FILTER_BAD_NAME: 'a class, agent or identity filter is empty or too long',
  FILTER_BAD_REGEX: 'a regular expression is malformed, too large, or of a kind that cannot be matched in linear time',
  FILTER_DATA_FAILED: 'a data test of a filter could not be decided on this node',
  FILTER_TOO_COSTLY: 'evaluating a filter or testing a text would take longer than a node allows',
  FILTER_TOO_LARGE: 'a filter has more terms or characters than a filter may have',
  MESSAGE_INVALID: 'an authenticated message has a field that is missing, of the wrong type or out of bounds',
  MESSAGE_TOO_LARGE: 'a message to be sent is larger than an envelope may be',
  RPC_AGENT_LOAD: 'an agent could not be loaded from disk; its old version, if any, stays in use',
  RPC_DATA_REFUSED: 'a data plugin is not there, or its query does not fit its DDL',
  RPC_PUPPET_ABSENT: 'Puppet is not installed on the node, or does not tell its settings',
  RPC_PUPPET_RUN: 'a Puppet run could not be started, or its daemon not be told to run',
  RPC_PUPPET_STATE: 'a file in which the Puppet agent keeps its state cannot be read, written or understood',
  RPC_PUPPET_WORKER: 'the process that keeps Puppet loaded gave no answer',
  SECURITY_BAD_KEY: 'a key or certificate cannot be used: unreadable, of another kind, or not belonging together',
  SECURITY_BAD_MAC: 'the authentication code does not fit the bytes: wrong key or changed in transit',
  SECURITY_BAD_SIGNATURE: 'the signature of a message or certificate does not fit: other keys or changed in transit',
  SECURITY_CANNOT_DECRYPT: 'the message is encrypted for others, or was changed in transit',
  SECURITY_CERTIFICATE_ENDED: 'a certificate is past its end or before its beginning',
  SECURITY_CERTIFICATE_REVOKED: 'a certificate is on the list of revoked ones',
  SECURITY_MALFORMED: 'the bytes are not an envelope of this security scheme',
  SECURITY_NOT_AWAITED: 'a reply to a request this client did not make, or made with other bytes',
  SECURITY_NO_RECIPIENT_KEY: 'there is no key to encrypt a message with for those it is meant for',
  SECURITY_UNKNOWN_AUTHORITY: 'a certificate was signed by an authority this process does not know',
  SECURITY_UNKNOWN_KEY: 'the message names a key this process does not have',
  SECURITY_WEAK_KEY: 'a pre-shared key is too short to use',
  SECURITY_WRONG_KIND: 'a reply where a request is due, or the other way round',
  SECURITY_WRONG_NAME: 'a message speaks for somebody other than its certificate names',
  SECURITY_WRONG_ROLE: 'a node asked, or something other than a node answered',
  SETUP_ALREADY_RUNNING: 'a collective is already running from this state directory',
  SETUP_BAD_TOKEN: 'a join token cannot be read, or not all of it',
  SETUP_DAMAGED: 'a state directory has lost a file that cannot be made again',
  SETUP_FOREIGN_DIRECTORY: 'the directory chosen for state holds something else',
  SETUP_GRACE_RUNNING: 'the former password is still good, so the password is not changed again',
  SETUP_JOIN_REFUSED: 'the master did not accept a join token, or what was asked with it',
  SETUP_JOIN_UNREACHABLE: 'nobody who can prove to be the master waits for a join token',
  SETUP_NEEDS_ROOT: 'a file or account can be set up by root alone',
  SETUP_NOT_HERE: 'what a command works on is not set up on this machine',
  SETUP_NO_ACCOUNT: 'the account of the operator is not there and could not be made',
  SETUP_NO_PUPPET: 'Puppet, or its certificate, is not on this machine',
  SETUP_PORT_IN_USE: 'another program listens on the port of the broker',
  SETUP_PROGRAM_FAILED: 'a program of the collective ended or did not become ready',
  SETUP_UNSAFE_DIRECTORY: 'other users could change the state directory',
  SETUP_UNWRITABLE: 'the state directory cannot be written',
  STORE_CONFLICT: 'something of that name or id is in the store already, or what it belongs to is not',
  STORE_DAMAGED: 'the file of the store is not a database, or is damaged',
  STORE_FAILED: 'the database refused a query for a reason of its own',
  STORE_FULL: 'the store cannot grow: the disk or its own limit is reached',
  STORE_LOCKED: 'another program keeps the store locked',
  STORE_NEWER: 'the store was made by a newer version of the program',
  STORE_REFUSED: 'the database server refused user, password or database',
  STORE_TOO_LARGE: 'something is larger than the store keeps',
  STORE_UNREACHABLE: 'the database server cannot be reached, or the connection broke',
  STORE_UNREADABLE: 'the store cannot be read or written: permissions, or the disk failed',
  TRANSPORT_BAD_ADDRESS: 'a collective, agent, identity or reply address cannot be part of a destination',
  TRANSPORT_BROKER_ERROR: 'the broker ended the connection with an ERROR',
  TRANSPORT_CERTIFICATE: 'the certificate of the broker cannot be trusted',
  TRANSPORT_CLOSED: 'the connector has been disconnected',
  TRANSPORT_EXPIRED: 'a message outlived its ttl before the broker confirmed it',
  TRANSPORT_LOGIN_REFUSED: 'the broker refused the user name or password',
  TRANSPORT_LOST: 'the connection to the broker broke',
  TRANSPORT_NO_ROSTER: 'no keeper of the roster answered',
  TRANSPORT_OVERLOADED: 'more messages wait for the broker than may wait',
  TRANSPORT_PROTOCOL: 'the peer does not speak the STOMP this connector speaks',
  TRANSPORT_REFUSED: 'the broker refused a message or a subscription',
  TRANSPORT_TLS: 'no TLS connection to the broker could be negotiated',
  TRANSPORT_UNREACHABLE: 'no broker of the pool could be reached',
  USAGE_BAD_LIMIT: 'a number of nodes is neither a positive number nor a percentage',
  USAGE_BAD_NODE_LIST: 'a list of nodes from a file or standard input cannot be used',
  USAGE_BAD_OPTION: 'an option is unknown, ambiguous, or has a value it cannot take',
  USAGE_CONFLICT: 'two options exclude each other',
  USAGE_INVALID: 'a command was not given the words it needs',
  USAGE_UNKNOWN_COLLECTIVE: 'the collective is not one of those in the configuration',
  WIRE_STOMP_MALFORMED: 'the bytes are not STOMP frames',
  WIRE_STOMP_TOO_LARGE: 'a STOMP frame, its header lines or their number are over the limit',
  WIRE_STOMP_UNENCODABLE: 'a header value cannot be written in the STOMP version spoken',
} as const satisfies Record<string, string>

export type ErrorCode = keyof typeof ERRORS

/**
 * An error with a stable code, e.g. `new TroupeError('CONFIG_UNKNOWN_KEY', "cannot read server.cfg line 4: 'foo' is ...")`.
 * The message says what was attempted, what is and what should be; it never holds a secret.
 */
export class TroupeError extends Error {
  readonly code: ErrorCode
  /** Facts for programs: offsets, names, limits, e.g. `{ offset: 12 }`. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: Record<string, unknown> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'TroupeError'
    this.code = code
    this.details = options.details ?? {}
  }
}

/** True when `error` is ours and, if codes are given, has one of them. */
export function isTroupeError(error: unknown, ...codes: ErrorCode[]): error is TroupeError {
  return error instanceof TroupeError && (codes.length === 0 || codes.includes(error.code))
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
