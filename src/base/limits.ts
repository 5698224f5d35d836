// Every bound on size, depth and count in one place: name (unit last), value, reason. Nothing that reads foreign input may
// use a number that is not here.

/** A request or reply as the security layer sees it. An inventory with 2,000 facts is about 150 kB. */
export const ENVELOPE_BYTES_MAX = 10 * 1024 * 1024
/** Nodes one directed request is sealed for: their names in it, and 56 bytes of key each when it is encrypted, are some kB. */
export const RECIPIENTS_MAX = 50
/** Verified certificates a process keeps: those of the largest fleet this is made for; each takes about 1 kB. */
export const CERTIFICATES_KEPT_MAX = 50_000
/** A file with keys or certificates: one has less than 1 kB. */
export const KEY_FILE_BYTES_MAX = 64 * 1024
/** A list of revoked certificates: 100,000 of them. */
export const REVOCATION_FILE_BYTES_MAX = 8 * 1024 * 1024
/** What a machine says that wants to join: a secret, a name and two keys have 500 bytes. */
export const JOIN_REQUEST_BYTES_MAX = 4 * 1024
/** What it is given: the list of revoked certificates, escaped as JSON, and some kB. */
export const JOIN_ANSWER_BYTES_MAX = REVOCATION_FILE_BYTES_MAX + 1024 * 1024
/** Milliseconds for one of its connections: a few round trips, on the slowest link. */
export const JOIN_CONNECTION_MS_MAX = 10_000
/** Of those at the same time: more wait in the system's queue. */
export const JOIN_CONNECTIONS_MAX = 64
/** Tokens of one `mco setup token`: a screen of them; larger fleets join by Puppet. */
export const JOIN_TOKENS_MAX = 100
/** Refusals that are shown while waiting: the first are news, the rest are noise. */
export const JOIN_REFUSALS_SHOWN_MAX = 50
/** Nesting of JSON in an envelope: facts nest 6 deep in practice; recursion over 64 levels cannot exhaust a stack. */
export const JSON_DEPTH_MAX = 64
/** A whole filter as sent. Larger ones are mistakes or attacks: 64 kB is over 1,000 identities. */
export const FILTER_BYTES_MAX = 64 * 1024
/** Terms of all kinds in one filter, `-S` tokens included. */
export const FILTER_TERMS_MAX = 2_000
/** One regular expression in a filter, characters. */
export const REGEX_LENGTH_MAX = 512
/** Instructions a regular expression may compile to: `.{1,512}` fits; compiling takes 25 ms at most, cold. */
export const REGEX_PROGRAM_MAX = 1_100
/** The largest count in a repetition such as `a{1000}`: what the engine takes. */
export const REGEX_REPEAT_MAX = 1_000
/** Instructions times characters of one test: 5 ms, 20 ms when the code is cold. Leaves 2,500 characters to 20 instructions. */
export const REGEX_TEST_COST_MAX = 50_000
/** Cost of compiling one instruction, in the unit of REGEX_TEST_COST_MAX. */
export const REGEX_COMPILE_COST = 50
/** Cost of evaluating one whole filter, in the same unit: what may keep a node from its other work, about 100 ms. */
export const FILTER_COST_MAX = 1_000_000
/** Compiled expressions that are kept. */
export const REGEX_CACHE_MAX = 100
/** Instructions of all of them together: about 200 bytes each. */
export const REGEX_CACHE_SIZE_MAX = 10_000
/** The argument of a data function in a filter, characters: a path is at most 4,096. */
export const DATA_QUERY_LENGTH_MAX = 4_096
/** Values in the data of one message: keeps shared parts of a decoded graph from multiplying. 2,000 facts are 5,000 values. */
export const MESSAGE_VALUES_MAX = 1_000_000
/** What a running action says of its progress, characters: what fits beside a bar. */
export const PROGRESS_TEXT_LENGTH_MAX = 200
/** Between two of those from one request of a node, milliseconds: as fast as anybody reads; 2,000 nodes are 2,000 small messages a second. */
export const PROGRESS_INTERVAL_MS = 1_000
/** Of those for one request of a node, when sent and when received: an hour of work at that rate. */
export const PROGRESS_EVENTS_MAX = 3_600
/** The text of a text message, or a status message, characters. */
export const TEXT_BODY_LENGTH_MAX = 1024 * 1024
/** Agents, collectives or classes in one registration. The largest catalogues have about 2,000 classes. */
export const REGISTRATION_NAMES_MAX = 20_000
/** Identity, agent, action, collective and class names, characters. */
export const NAME_LENGTH_MAX = 256
/** The name in a certificate: a caller id with `cert=` before it must not be longer than a name may be. */
export const CERTIFICATE_NAME_LENGTH_MAX = NAME_LENGTH_MAX - 'cert='.length
/** Seconds a request may stay valid: a day; replay protection must remember that long. */
export const TTL_SECONDS_MAX = 86_400
/** A STOMP command: the longest there is, UNSUBSCRIBE, has 11 letters. */
export const STOMP_COMMAND_BYTES_MAX = 16
/** Headers of a STOMP frame: ours and those of Ruby fleets have at most 12. */
export const STOMP_HEADERS_MAX = 64
/** One STOMP header line: reply destinations with long identities are below 600 bytes. */
export const STOMP_HEADER_LINE_BYTES_MAX = 8 * 1024
/** A whole STOMP frame: the largest envelope as base64 text with line ends, as Ruby fleets may send it, and its headers. */
export const STOMP_FRAME_BYTES_MAX = Math.ceil((ENVELOPE_BYTES_MAX * 4) / 3) + 512 * 1024
/** A destination or reply address, characters: the longest of ours has two names of 256 and a dozen more. */
export const ADDRESS_LENGTH_MAX = 600
/** Messages that may wait for the broker's confirmation in one connector: a directed request to 50,000 nodes, twice. */
export const PUBLISH_PENDING_MAX = 100_000
/** Bytes of those messages, a body shared by many counted once: what a process can spare while its broker is away. */
export const PUBLISH_PENDING_BYTES_MAX = 64 * 1024 * 1024
/** Bytes handed to one socket and not yet sent, above which publishing pauses: enough to keep a fast link busy. */
export const SOCKET_PENDING_BYTES_MAX = 1024 * 1024
/** Text of a broker's ERROR as it is shown: two or three lines of a terminal. */
export const BROKER_TEXT_LENGTH_MAX = 300
/** Milliseconds that leaving may take: a broker that does not confirm by then will not. */
export const DISCONNECT_TIMEOUT_MS = 3_000
/** Milliseconds before a refused subscription is tried again: permissions change by hand, not by the second. */
export const SUBSCRIBE_RETRY_MS = 60_000
/** Proofs of requests a node remembers: 55 requests a second, each valid an hour. About 25 MB; beyond it the node refuses. */
export const REPLAY_ENTRIES_MAX = 200_000
/** Refusals of expired, skewed or unstorable requests a node sends per second: a captured request must not become an amplifier. */
export const REFUSALS_PER_SECOND_MAX = 10
/** Lines about messages that cannot be trusted a node logs per second; the rest is counted. */
export const DISTRUST_LINES_PER_SECOND_MAX = 10
/** Requests that wait for a free place to run on a node. */
export const WAITING_REQUESTS_MAX = 500
/** What a node keeps of the standard output and standard error of a command, each. */
export const COMMAND_OUTPUT_BYTES_MAX = 1024 * 1024
/** One line of a command that is listened to while it runs, characters; the rest of a longer one is skipped. */
export const COMMAND_OUTPUT_LINE_CHARACTERS_MAX = 4_096
/** Files that tell one system from another, such as /etc/os-release: below 1 kB everywhere. */
export const SYSTEM_FILE_BYTES_MAX = 16 * 1024
/** What a reply holds of a package manager's output, characters: a large upgrade prints 40 kB; 2,000 replies of it are 130 MB. */
export const PACKAGE_OUTPUT_CHARACTERS_MAX = 64 * 1024
/** Packages in a list of updates or changes: a jump over two releases of a distribution has 2,000. */
export const PACKAGE_LIST_MAX = 10_000
/** The reason a failure gives in its message, characters: a few lines of a terminal; all of it is in the output. */
export const REASON_CHARACTERS_MAX = 1_000
/** The reply file of an external action: leaves room for the rest of an envelope. */
export const EXTERNAL_REPLY_BYTES_MAX = 5 * 1024 * 1024
/** Files of one libdir that are looked at for agents. */
export const AGENT_FILES_MAX = 2_000
/** Facts in a registration: a usual node has 10 to 20 kB; with more the roster cannot decide about facts of that node. */
export const REGISTRATION_FACTS_BYTES_MAX = 64 * 1024
/** Nodes on a roster: five times the largest fleet this is made for. */
export const ROSTER_NODES_MAX = 50_000
/** Text of facts and class lists on a roster, all nodes together; beyond it facts of further nodes are not kept. */
export const ROSTER_TEXT_BYTES_MAX = 256 * 1024 * 1024
/** A configuration file: 1,000 times the size of a usual one. */
export const CONFIG_FILE_CHARACTERS_MAX = 2 * 1024 * 1024
/** Files in plugin.d that are read: one a plugin. */
export const CONFIG_PLUGIN_FILES_MAX = 1_000
/** A DDL file. The largest published one has 20 kB. */
export const DDL_BYTES_MAX = 256 * 1024
/** Blocks, lists and interpolations of a DDL inside each other: real ones nest 4 deep. */
export const DDL_DEPTH_MAX = 24
/** Statements of a DDL once its loops are unrolled: loops in loops multiply. Real ones have about 300. */
export const DDL_STATEMENTS_MAX = 20_000
/** Characters that the expressions of a DDL may produce: interpolation and gsub in loops multiply. */
export const DDL_TEXT_LENGTH_MAX = 1024 * 1024
/** Text that sub or gsub of a DDL may search with a regular expression: time grows with its square. */
export const DDL_SUBSTITUTE_LENGTH_MAX = 10_000
/** Seconds an agent, data plugin or discovery method may declare as its timeout: as long as a request can be valid. */
export const DDL_TIMEOUT_SECONDS_MAX = 86_400
/** Width and precision of one printf conversion: wider is no use on any screen. */
export const PRINTF_WIDTH_MAX = 1_000
/** Characters of one formatted line. */
export const PRINTF_LENGTH_MAX = 64 * 1024
/** Different values one summary counts; further ones are counted together. A screen shows 50. */
export const SUMMARY_VALUES_MAX = 10_000
/** Column of values in a summary: a longer one stands out instead of pushing all others to the right. */
export const SUMMARY_WIDTH_MAX = 120
/** Nesting of values that are printed; deeper ones print as `...`. Above JSON_DEPTH_MAX, so foreign values print whole. */
export const INSPECT_DEPTH_MAX = 100
/** Nodes of one list given by an operator: ten times the largest fleets we measure. */
export const NODE_LIST_MAX = 100_000
/** A file with facts, or what Facter prints: a usual node has 20 kB, one with 2,000 facts 200 kB. */
export const FACT_SOURCE_BYTES_MAX = 4 * 1024 * 1024
/** Values in the facts of a node, nested ones included: room for 2,000 facts in an envelope. */
export const FACT_VALUES_MAX = 20_000
/** Nesting of facts: Facter's own go 6 deep. */
export const FACT_DEPTH_MAX = 24
/** Text of all facts of a node, names included: must fit into one reply beside its classes. */
export const FACT_CHARACTERS_MAX = 2 * 1024 * 1024
/** Aliases in a YAML file with facts; what they expand to counts as values. */
export const FACT_ALIASES_MAX = 1_000
/** Puppet's classes file: 2,000 classes of 100 characters are 200 kB. */
export const CLASSES_FILE_BYTES_MAX = 4 * 1024 * 1024
/** Classes of a node; the largest catalogues have about 2,000. */
export const CLASSES_MAX = 20_000
/** Files and bytes of a plugin directory that is packaged: fifty times the largest published plugin. */
export const PLUGIN_FILES_MAX = 1_000
export const PLUGIN_BYTES_MAX = 16 * 1024 * 1024
/** What Puppet prints when asked for its settings: a dozen lines. */
export const PUPPET_SETTINGS_BYTES_MAX = 64 * 1024
/** Seconds Puppet may take to tell its settings: 2 on a usual node, 20 on one that is short of everything. */
export const PUPPET_SETTINGS_SECONDS_MAX = 60
/** A lock or pid file of the Puppet agent: one number, or the reason for disabling it. */
export const PUPPET_LOCK_BYTES_MAX = 16 * 1024
/** Puppet's summary of its last run: 2 kB, plus 40 bytes a resource type. */
export const PUPPET_SUMMARY_BYTES_MAX = 512 * 1024
/** How much of the last report Puppet wrote is read for its log lines, which come first: 3,000 lines, 300 ms. */
export const PUPPET_REPORT_BYTES_MAX = 1024 * 1024
/** Log lines of a run that are handed out: more is not read on any screen. */
export const PUPPET_LOGS_MAX = 1_000
/** A report when all of it is read: 10,000 resources; it is only looked through for those that changed or failed. */
export const PUPPET_WHOLE_REPORT_BYTES_MAX = 16 * 1024 * 1024
/** Changes and failures told of one run; a first run on a new node has some hundred. */
export const PUPPET_EVENTS_MAX = 1_000
/** Old value, new value or message of one of them, characters: a line or two of a difference. */
export const PUPPET_EVENT_TEXT_CHARACTERS_MAX = 1_000
/** Rounds in which a node that accepted to run Puppet may do nothing and have no report of it: Puppet takes long to load on a slow node. */
export const PUPPET_WAIT_IDLE_ROUNDS_MAX = 20
/** Rounds in which a node whose Puppet run is waited for may be silent: those of a restart of its daemon. */
export const PUPPET_WAIT_SILENT_ROUNDS_MAX = 5
/** Waiting for the end of Puppet runs unless the operator says another limit: a run of a large catalogue takes minutes, one that hangs hours. */
export const PUPPET_WAIT_SECONDS = 900
/** The same when nobody sits in front of it, as in a job of the console: a first run on a new node takes half an hour. */
export const PUPPET_WAIT_ALONE_SECONDS = 3_600
/** Times by step and type that are told: one a resource type. */
export const PUPPET_METRICS_MAX = 200
/** Puppet's list of the resources it manages: 20,000 of 100 bytes. */
export const PUPPET_RESOURCES_BYTES_MAX = 8 * 1024 * 1024
/** Values in a YAML file of Puppet's, shared parts counted each time they are used. */
export const PUPPET_YAML_VALUES_MAX = 200_000
/** Nesting and aliases of those: reports nest 6 deep and share their lists of tags. */
export const PUPPET_YAML_DEPTH_MAX = 24
export const PUPPET_YAML_ALIASES_MAX = 20_000
/** A question to the worker that keeps Puppet loaded, or its answer: 20,000 resources of 500 bytes. */
export const RAL_FRAME_BYTES_MAX = 16 * 1024 * 1024
/** Questions that wait for it: one takes milliseconds, so more means that one hangs. */
export const RAL_QUEUE_MAX = 32
/** How long Puppet may take to load: 1 s on a usual node. */
export const RAL_START_MS_MAX = 60_000
/** How long it may work on one question: just under the time-out of the agent, so that the reason can be told. */
export const RAL_REQUEST_MS_MAX = 175_000
/** Memory beyond which it is replaced after an answer; beyond twice this it ends at once. Loaded it has 60 MB, after all searches 100. */
export const RAL_WORKER_BYTES_MAX = 384 * 1024 * 1024
/** How long it is kept without a question, and at most: facts and which providers are usable are looked up once by a process. */
export const RAL_WORKER_IDLE_MS = 10 * 60_000
export const RAL_WORKER_AGE_MS_MAX = 60 * 60_000
/** Processes of a node that are looked at for a run that was started. */
export const PROCESSES_MAX = 100_000
/** A command line of a process. */
export const COMMAND_LINE_BYTES_MAX = 16 * 1024
/** A list of nodes piped into a command: NODE_LIST_MAX names of rpc output of a few hundred bytes each. */
export const STDIN_NODES_BYTES_MAX = 64 * 1024 * 1024

// The embedded broker. Every one of these can be set lower or higher by the operator who embeds it.

/** Connections in all: file descriptors of a usual `ulimit -n` of 65,536 leave room for more; memory is the real bound. */
export const BROKER_CONNECTIONS_MAX = 20_000
/** Connections that have not logged in; the oldest gives way. A restart under 2,000 nodes needs a few hundred at once. */
export const BROKER_UNAUTHENTICATED_MAX = 1_000
/** TLS handshake and CONNECT together. 300 times what it takes on a busy network. */
export const BROKER_LOGIN_MS_MAX = 10_000
/** A CONNECT frame: six headers, the longest a password. */
export const BROKER_LOGIN_FRAME_BYTES_MAX = 8 * 1024
/** Subscriptions of one connection: 50 agents in 10 collectives. */
export const BROKER_SUBSCRIPTIONS_MAX = 500
/** Bytes waiting for one connection beyond which it counts as too slow for its topics; one frame may come on top. */
export const BROKER_OUTGOING_BYTES_MAX = 8 * 1024 * 1024
/** Bytes waiting for one connection from which on its queues hold messages back: enough to fill any network. */
export const BROKER_WINDOW_BYTES = 1024 * 1024
/** How long a connection may take nothing of what waits for it. */
export const BROKER_STALL_MS_MAX = 15_000
/** How long one frame may take to arrive: 10 MB at 1 Mbit/s is 80 s. */
export const BROKER_FRAME_MS_MAX = 120_000
/** Messages and bytes stored in one queue: replies of 2,000 nodes with inventories of 30 kB each. */
export const BROKER_QUEUE_BYTES_MAX = 64 * 1024 * 1024
export const BROKER_QUEUE_MESSAGES_MAX = 50_000
/** Stored bytes of a queue from which on its publishers are read more slowly. */
export const BROKER_QUEUE_SOFT_BYTES = 16 * 1024 * 1024
/** Longest pause of a publisher for one message: short, because the pause holds its other messages too. */
export const BROKER_PAUSE_MS_MAX = 2_000
/** Messages and bytes stored in all queues, and bytes one connection may have stored. */
export const BROKER_STORED_BYTES_MAX = 256 * 1024 * 1024
export const BROKER_STORED_MESSAGES_MAX = 200_000
export const BROKER_SENDER_BYTES_MAX = 64 * 1024 * 1024
/** Time to live of a queued message that names no `expires`: that of a request and its ten seconds of grace. [wire 1.4] */
export const BROKER_QUEUE_TTL_MS = 70_000
/** Bound of `expires`: the longest ttl and an hour. */
export const BROKER_QUEUE_TTL_MS_MAX = (TTL_SECONDS_MAX + 3_600) * 1_000
/** A destination's name, characters: collective, agent and identity at their longest. */
export const BROKER_DESTINATION_LENGTH_MAX = 4 * NAME_LENGTH_MAX
/** Heart-beats the broker offers and asks for: a dead peer is noticed within about a minute. */
export const BROKER_HEARTBEAT_MS = 30_000
/** Connections the broker writes to before it reads again: 64 writes take about 4 ms. */
export const BROKER_FLUSHES_A_TURN = 64
/** A receipt marked receipt-late leaves when no frame has come in for so long, milliseconds: then nobody's answer is held up. */
export const BROKER_SILENCE_MS = 25
/** ... or when so many milliseconds have passed: long enough for one call to a large fleet. */
export const BROKER_LATE_MS_MAX = 500
/** Period of the one timer that serves all connections: the precision of every bound in time above. */
export const BROKER_TICK_MS = 1_000
/** Milliseconds a roster takes for one question; what it has not decided by then the nodes decide. Usual questions take 1 to 5. */
export const ROSTER_DECIDE_MS_MAX = 100
/** A policy or groups file: 10,000 rules of 100 characters. */
export const POLICY_FILE_BYTES_MAX = 1024 * 1024
/** How much of a file is read at a time for its digest: small enough to stop soon, large enough to be quick. */
export const DIGEST_CHUNK_BYTES = 256 * 1024
/** One line of a log: longer ones are cut, so that foreign text cannot fill a disk. */
export const LOG_LINE_CHARACTERS_MAX = 8_192
/** Log lines a second about refused frames: enough to see what is wrong; the rest is counted. */
export const BROKER_REFUSALS_LOGGED_MAX = 20

// The web console.

/** A request's body unless its route says otherwise: a selection of 50,000 nodes is 1.5 MB, and its routes say so; all else is forms. */
export const CONSOLE_BODY_BYTES_MAX = 1024 * 1024
/** Header lines of a request: a cookie, a token and what browsers send are 2 kB. */
export const CONSOLE_HEADER_BYTES_MAX = 16 * 1024
/** Nesting of a request's JSON: inputs of agents are what an envelope takes. */
export const CONSOLE_JSON_DEPTH_MAX = 32
/** Inputs named in one refusal: nobody mends more at a time. */
export const CONSOLE_FIELDS_MAX = 20
/** A TLS handshake, the header lines, and the whole of a request: a 1 MB body at 0.5 Mbit/s is 16 s. */
export const CONSOLE_HANDSHAKE_MS_MAX = 10_000
export const CONSOLE_HEADERS_MS_MAX = 10_000
export const CONSOLE_REQUEST_MS_MAX = 30_000
/** How long a connection may wait for its next request: longer than the heart-beat of event streams. */
export const CONSOLE_KEEP_ALIVE_MS = 75_000
/** How long a browser may take nothing of an answer. */
export const CONSOLE_STALL_MS_MAX = 30_000
/** Connections in all, and of one address: a browser opens six, a reverse proxy has the whole of it. */
export const CONSOLE_CONNECTIONS_MAX = 2_000
export const CONSOLE_ADDRESS_CONNECTIONS_MAX = 200
/** Requests a minute of one address: an office behind one address with 50 people. */
export const CONSOLE_ADDRESS_REQUESTS_MAX = 12_000
/** Requests a minute of one account: three windows that look at a running job; scripts are told to wait. */
export const CONSOLE_ACCOUNT_REQUESTS_MAX = 1_200
/** Attempts a minute to sign in, of one address. */
export const CONSOLE_SIGN_INS_MAX = 20
/** Addresses and accounts whose requests are counted; the oldest are forgotten. */
export const CONSOLE_COUNTED_MAX = 20_000
/** Streams of events of one account: one for every window somebody could look at. */
export const CONSOLE_STREAMS_MAX = 12
/** Events that wait for one browser, each of another job or kind; a browser that is so far behind connects anew. */
export const CONSOLE_EVENTS_WAITING_MAX = 500
/** Period of the heart-beat in a stream of events: proxies give up after 60 s. */
export const CONSOLE_HEARTBEAT_MS = 15_000
/** Wrong passwords before an account is locked, and for how long: doubled with each further one, up to the longest. */
export const CONSOLE_FAILURES_MAX = 5
export const CONSOLE_LOCK_MS = 30_000
export const CONSOLE_LOCK_MS_MAX = 15 * 60_000
/** Names nobody has whose wrong passwords are counted, so that they look like those that exist. */
export const CONSOLE_UNKNOWN_NAMES_MAX = 10_000
/** Passwords that are hashed at once, each taking 19 MiB and 25 ms of a processor; and how many wait. */
export const CONSOLE_HASHES_MAX = 2
export const CONSOLE_HASHES_WAITING_MAX = 50
/** How long a one-time link may be used. */
export const CONSOLE_LINK_MS = 15 * 60_000
/** How long somebody may take to sign in at the OpenID provider. */
export const CONSOLE_OIDC_MS = 10 * 60_000
/** API tokens of one account. */
export const CONSOLE_TOKENS_MAX = 100
/** Accounts: every operator of the largest sites. */
export const CONSOLE_ACCOUNTS_MAX = 10_000
/** How long a client of an account stays connected without a call. */
export const CONSOLE_CLIENT_IDLE_MS = 10 * 60_000

// The store of the console.

/** JSON text of one answer, report or before-state: an inventory of 2,000 facts is 150 kB; 10,000 at their largest still fit on a disk. */
export const STORE_JSON_CHARACTERS_MAX = 1024 * 1024
/** ... of what is known of one node, of which all are kept. */
export const STORE_NODE_CHARACTERS_MAX = 256 * 1024
/** ... of the details of one audit entry: lists of nodes are left out of it. */
export const STORE_AUDIT_CHARACTERS_MAX = 64 * 1024
/** A list of nodes or a filter in a saved group: 50,000 names. */
export const STORE_GROUP_CHARACTERS_MAX = 16 * 1024 * 1024
/** Messages, names and addresses: what a screen shows of them. */
export const STORE_MESSAGE_CHARACTERS_MAX = 8_192
export const STORE_NAME_CHARACTERS_MAX = 256
/** JSON text that is deflated: below, it gains nothing. */
export const STORE_DEFLATE_BYTES_MIN = 1_024
/** What is remembered for a session, e.g. a sign-in on its way to a provider. */
export const STORE_SESSION_CHARACTERS_MAX = 16 * 1024
/** Rows written by one statement: 500 are quickest on both databases and hold up nobody else for more than 10 ms. */
export const STORE_BATCH_ROWS = 500
/** Results entered by one transaction, whose cost is the pages it touches: names come in any order. Holds up nobody else for more than 20 ms. */
export const STORE_RESULTS_ROWS = 2_000
/** Running jobs whose targets and replies are remembered beside the database, and characters of replies of each: 10,000 short ones. */
export const JOBS_REMEMBERED_MAX = 200
export const REPLIES_REMEMBERED_CHARACTERS_MAX = 4 * 1024 * 1024
/** Rows deleted by one statement of the retention. */
export const STORE_PURGE_ROWS = 500
/** Rows and bytes of JSON text in one answer of the store. */
export const STORE_PAGE_ROWS_MAX = 1_000
export const STORE_PAGE_BYTES_MAX = 16 * 1024 * 1024
/** Groups of equal answers in one answer, and nodes named of each. */
export const STORE_GROUPS_MAX = 500
export const STORE_GROUP_NODES_MAX = 20
/** How long a lock of another program is waited for. */
export const STORE_BUSY_MS_MAX = 5_000
/** How long results are tried to be written while PostgreSQL is away: a fail-over takes some seconds. */
export const STORE_RETRY_MS_MAX = 10_000
/** Connecting to PostgreSQL, and one statement there. */
export const STORE_CONNECT_MS_MAX = 5_000
export const STORE_STATEMENT_MS_MAX = 60_000
/** Connections to PostgreSQL unless set: a console needs few, and servers usually take 100. */
export const STORE_CONNECTIONS = 10
/** Prepared statements kept: the store has about 100 of them; batches of other sizes come on top. */
export const STORE_STATEMENTS_MAX = 200
/** Jobs of other consoles are taken for dead when their deadline passed so long ago. */
export const STORE_FOREIGN_JOB_MS = 24 * 3_600_000
/** Characters of an answer in which names and numbers are normalised to find answers that are alike: 20 ms; what follows counts as it is. */
export const ANSWER_NORMALISED_CHARACTERS_MAX = 512 * 1024
/** Characters of answers whose keys are remembered, per job, each kept twice: most nodes answer alike. */
export const ANSWERS_REMEMBERED_CHARACTERS_MAX = 1024 * 1024
/** Answers of a job that are recognised member by member, per list of members: a fleet says few things at a time, and each is compared. */
export const RECENT_ANSWERS_PER_SHAPE = 8
/** Lists of members they are kept for, per job. */
export const RECENT_SHAPES = 4
/** Characters of an answer that is kept for it. */
export const RECENT_ANSWER_CHARACTERS_MAX = 10_000
/** Characters of names whose nature (secret, volatile) is remembered: 5,000 of them. */
export const NAMES_REMEMBERED_CHARACTERS_MAX = 320 * 1024
/** Jobs one account may have running: more is a script that went wrong. */
export const JOBS_RUNNING_PER_ACCOUNT_MAX = 10
/** Jobs all accounts together may have running: each may have thousands of answers on their way. */
export const JOBS_RUNNING_MAX = 100
/** Characters of answers that wait to be written to the store, per job: beyond it no further ones are taken from the client. */
export const JOB_UNWRITTEN_CHARACTERS_MAX = 32 * 1024 * 1024
/** Answers that are not kept waiting for more of them before they are written: half of what one transaction takes. */
export const JOB_ANSWERS_AT_ONCE = 1_000
/** Milliseconds between two events of a job: five a second is as fast as anybody reads. */
export const JOB_EVENT_INTERVAL_MS = 200
/** Text of an answer as it is shown in a group, characters of one string; the whole is in the results. */
export const GROUP_TEXT_CHARACTERS_MAX = 10_000
/** Values shown of one group's answer: a table of a thousand rows. */
export const GROUP_VALUES_MAX = 5_000
/** Inputs of one job as they come from a browser, values at all depths. */
export const JOB_INPUT_VALUES_MAX = 10_000
/** Fact names, values, classes or agents that are counted for a list to choose from; the largest catalogues have 2,000 classes. */
export const ROSTER_COUNTS_MAX = 5_000
/** Values of one fact in which paths are looked for, when it is a map: nodes of a fleet have much the same. */
export const ROSTER_FACT_SAMPLES_MAX = 20
/** Facts of every node that may be asked of a roster at once: what a table of nodes shows. */
export const ROSTER_LIST_FACTS_MAX = 10
/** Text of one of those facts, characters. */
export const ROSTER_LIST_FACT_CHARACTERS_MAX = 200
/** Inventories the console asks for at once when nobody keeps a roster: 500 of 20 kB are 10 MB. */
export const FLEET_INVENTORIES_AT_ONCE_MAX = 500
/** Text of facts the console keeps when nobody keeps a roster, as a roster would. */
export const FLEET_TEXT_CHARACTERS_MAX = 128 * 1024 * 1024
/** Identities that are named one by one in the options equivalent to a filter; with more it is a file. */
export const FILTER_NAMES_SHOWN_MAX = 50
/** Values of one fact that are listed to choose from. */
export const FACT_VALUES_LISTED_MAX = 500
/** Filters whose nodes are remembered until the next look at the fleet. */
export const FILTERS_REMEMBERED_MAX = 50
/** Groups and searches one account may keep: more than a list can show. */
export const SAVED_GROUPS_PER_ACCOUNT_MAX = 500
/** Nodes asked for their Puppet runs at a time: a job that somebody waits for is not behind the answers of a whole fleet. */
export const PUPPET_ROUND_NODES_AT_ONCE_MAX = 1_000
/** Reports of Puppet runs fetched from nodes in one round: 500 of 100 kB are 50 MB; failures go first. */
export const REPORTS_FETCHED_AT_ONCE_MAX = 500
/** One message, title or value in a report of a run, characters. */
export const REPORT_TEXT_CHARACTERS_MAX = 4_000
/** Milliseconds PuppetDB may take for one answer. */
export const PUPPETDB_TIMEOUT_MS = 10_000
/** One answer of PuppetDB: 1,000 events of a first run are about 1 MB. */
export const PUPPETDB_ANSWER_BYTES_MAX = 16 * 1024 * 1024

// Resources of nodes, as the console keeps them.

/** Resources a node may name of one type: as many as the agent gives; the rest of a longer answer is left out. */
export const INSPECTED_RESOURCES_MAX = 50_000
/** Properties of one resource: the richest types of Puppet have 60. */
export const INSPECTED_PROPERTIES_MAX = 200
/** Text of one value, characters: longer ones are kept as their beginning, length and digest, which are as good to compare. */
export const INSPECTED_VALUE_CHARACTERS_MAX = 4_096
/** Members and depth of one value: members of a group, members of a map of options. */
export const INSPECTED_MEMBERS_MAX = 2_000
export const INSPECTED_VALUE_DEPTH_MAX = 6
/** What is kept of all answers together, counted as characters of distinct resources and four per mention of one; the oldest goes. 10,000 nodes with 700 packages each, of which 20 differ, are 30 million. */
export const INSPECTION_CHARACTERS_MAX = 256 * 1024 * 1024
/** Single resources of one node that were asked for by name. */
export const INSPECTION_SINGLES_MAX = 200
/** Answers older than that are dropped: nobody takes them for the present. */
export const INSPECTION_KEPT_MS = 24 * 3_600_000
/** Inspections that run at once, and that wait for their turn. */
export const INSPECTIONS_AT_ONCE_MAX = 2
export const INSPECTIONS_WAITING_MAX = 100
/** Nodes asked at once for all their resources of a type: 500 lists of packages are 100 MB on their way. */
export const INSPECTION_NODES_AT_ONCE_MAX = 500
/** Rows of a list, failures, and values of one property in a comparison, as they are sent to a browser. */
export const INSPECTION_ROWS_MAX = 50_000
export const INSPECTION_FAILURES_MAX = 500
export const COMPARED_VALUES_MAX = 50
/** Titles with differences in a comparison. */
export const COMPARED_TITLES_MAX = 5_000
/** A preview that takes longer is ended: its questions, at most eight, have half a minute each. */
export const CLONE_PREVIEW_RUN_MS = 4 * 60_000
/** A preview on its way for which nobody has asked for so long is ended: a page asks again as soon as it is answered, and may be loaded anew. */
export const CLONE_PREVIEW_UNASKED_MS = 60_000
/** How long an answer may wait for a preview to be done, seconds: proxies give up after a minute, some after half of one. */
export const CLONE_PREVIEW_WAIT_SECONDS_MAX = 25
/** Previews on their way, and of one account: each is a question to a whole selection. */
export const CLONE_PREVIEWS_RUNNING_MAX = 12
export const CLONE_PREVIEWS_RUNNING_PER_ACCOUNT_MAX = 3
/** How long a preview may be quoted: what nodes said is not the present for much longer. */
export const CLONE_PREVIEW_MS = 10 * 60_000
/** Previews kept, and of one account: each may tell of 50,000 nodes. */
export const CLONE_PREVIEWS_MAX = 40
export const CLONE_PREVIEWS_PER_ACCOUNT_MAX = 10
/** Present states shown in a preview. */
export const CLONE_EFFECTS_MAX = 500
/** Groups cloned along with a user. */
export const CLONE_GROUPS_MAX = 100
/** More nodes than that need their number typed. */
export const CLONE_UNCONFIRMED_NODES_MAX = 25
/** Nodes whose before-states are held at once. */
export const CLONE_NODES_AT_ONCE_MAX = 500
/** Different calls of an undo that run side by side: nodes with different states before get different inputs. */
export const UNDO_CALLS_AT_ONCE_MAX = 20
