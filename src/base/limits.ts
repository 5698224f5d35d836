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
/** Identity, agent, action, collective and class names, characters. */
export const NAME_LENGTH_MAX = 256
/** Seconds a request may stay valid: a day; replay protection must remember that long. */
export const TTL_SECONDS_MAX = 86_400
