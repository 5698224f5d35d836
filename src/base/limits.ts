// Every bound on size, depth and count in one place: name (unit last), value, reason. Nothing that reads foreign input may
// use a number that is not here.

/** A request or reply as the security layer sees it. An inventory with 2,000 facts is about 150 kB. */
export const ENVELOPE_BYTES_MAX = 10 * 1024 * 1024
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
/** Instructions times characters of one test: about 10 ms warm. Leaves 5,000 characters to an expression of 20 instructions. */
export const REGEX_TEST_COST_MAX = 100_000
/** Compiled expressions that are kept. */
export const REGEX_CACHE_MAX = 100
/** The argument of a data function in a filter, characters: a path is at most 4,096. */
export const DATA_QUERY_LENGTH_MAX = 4_096
/** Values in the data of one message: keeps shared parts of a decoded graph from multiplying. 2,000 facts are 5,000 values. */
export const MESSAGE_VALUES_MAX = 1_000_000
/** The text of a text message, or a status message, characters. */
export const TEXT_BODY_LENGTH_MAX = 1024 * 1024
/** Agents, collectives or classes in one registration. The largest catalogues have about 2,000 classes. */
export const REGISTRATION_NAMES_MAX = 20_000
/** Identity, agent, action, collective and class names, characters. */
export const NAME_LENGTH_MAX = 256
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
/** A key file: one line. A longer one is some other file. */
export const PSK_FILE_CHARACTERS_MAX = 4_096
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
/** Nesting of values that are printed; deeper ones print as `...`. Above JSON_DEPTH_MAX, so foreign values print whole. */
export const INSPECT_DEPTH_MAX = 100
/** Nodes of one list given by an operator: ten times the largest fleets we measure. */
export const NODE_LIST_MAX = 100_000
