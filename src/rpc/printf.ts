// printf as Ruby has it, for the formats of aggregates and inventory scripts: %s %p %d %i %u %f %e %g %x %o %b %%, flags, width,
// precision, `%1$s`, `%<name>d` and `%{name}`. Widths are bounded and control characters of values escaped. Differs from Ruby
// where that helps nobody: negative numbers in %x, %o and %b print with a minus; `*` and %c are refused. [agents 4, cli 8.3]

import { TroupeError } from '#base/errors.ts'
import { PRINTF_LENGTH_MAX, PRINTF_WIDTH_MAX } from '#base/limits.ts'
import type { Value, Values } from '#message/request.ts'
import { printable, rubyInspect, rubyText } from './inspect.ts'

interface Conversion {
  readonly flags: string
  readonly width: number
  readonly precision: number | undefined
  readonly type: string
}

const CONVERSION =
  /%(?:\{([^{}]*)\}|((?:[-+ 0#]|\d+\$|<[^<>]*>)*)(\d+)?(?:\.(\d*))?((?:[-+ 0#]|\d+\$|<[^<>]*>)*)([a-zA-Z%\n]|$))?/g

/** Digits behind the point that the engine can give. */
const FLOAT_PRECISION_MAX = 100

/**
 * `formatPrintf('%5s = %d', ['a', 3])` is `    a = 3`; `named` serves `%<name>s` and `%{name}`. Too many values are ignored.
 * Throws DDL_BAD_FORMAT: an unknown conversion, a missing value, one that is no number, a width over PRINTF_WIDTH_MAX.
 */
export function formatPrintf(format: string, values: readonly Value[], named: Values = {}): string {
  let next = 0
  let length = 0
  const fail = (problem: string): TroupeError =>
    new TroupeError('DDL_BAD_FORMAT', `cannot format with ${JSON.stringify(format.slice(0, 200))}: ${problem}`)
  if (format.length > PRINTF_LENGTH_MAX) throw fail(`it is longer than ${PRINTF_LENGTH_MAX} characters`)
  return format.replace(CONVERSION, (whole, name: string | undefined, ...parts: unknown[]) => {
    let text: string
    if (name !== undefined) {
      text = printable(rubyText(namedValue(named, name, fail)))
    } else {
      const [before = '', width, precision, after = '', type = ''] = parts as (string | undefined)[]
      const spec = before + after
      if (type === '%' || type === '\n') {
        if (whole !== `%${type}`) throw fail(`found ${JSON.stringify(whole)}`)
        text = type === '%' ? '%' : whole
      } else {
        if (type === '') throw fail(`found ${JSON.stringify(whole)} without the letter of a conversion`)
        const reference = /<([^<>]*)>/.exec(spec)?.[1]
        const position = /(\d+)\$/.exec(spec)?.[1]
        const value =
          reference === undefined
            ? values[position === undefined ? next++ : Number(position) - 1]
            : namedValue(named, reference, fail)
        if (value === undefined) throw fail('too few values')
        const conversion = {
          flags: spec.replace(/\d+\$|<[^<>]*>/g, ''),
          width: bounded(width ?? '0', fail),
          precision: precision === undefined ? undefined : bounded(precision === '' ? '0' : precision, fail),
          type,
        }
        text = convert(value, conversion, fail)
      }
    }
    length += text.length
    if (length > PRINTF_LENGTH_MAX) throw fail(`the result is longer than ${PRINTF_LENGTH_MAX} characters`)
    return text
  })
}

type Fail = (problem: string) => TroupeError

function namedValue(named: Values, name: string, fail: Fail): Value {
  if (!Object.hasOwn(named, name)) throw fail(`there is no value named '${name}'`)
  return named[name] ?? null
}

function bounded(digits: string, fail: Fail): number {
  const number = Number(digits)
  if (number > PRINTF_WIDTH_MAX) throw fail(`widths and precisions go up to ${PRINTF_WIDTH_MAX}`)
  return number
}

function convert(value: Value, conversion: Conversion, fail: Fail): string {
  const { type, precision } = conversion
  switch (type) {
    case 's':
    case 'p': {
      const text = type === 's' ? printable(rubyText(value)) : rubyInspect(value)
      return pad(precision === undefined ? text : [...text].slice(0, precision).join(''), conversion)
    }
    case 'd':
    case 'i':
    case 'u':
      return padNumber(signed(integerOf(value, fail), 10, conversion), conversion)
    case 'x':
    case 'X':
    case 'o':
    case 'b':
    case 'B': {
      const base = type === 'o' ? 8 : type === 'b' || type === 'B' ? 2 : 16
      const parts = signed(integerOf(value, fail), base, conversion)
      return padNumber(
        type === 'X' ? { ...parts, sign: parts.sign.toUpperCase(), digits: parts.digits.toUpperCase() } : parts,
        conversion,
      )
    }
    case 'f':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
      return padNumber(floatParts(floatOf(value, fail), conversion, fail), conversion)
    default:
      throw fail(`%${type} is unknown`)
  }
}

/** `sign` holds prefixes such as 0x as well: zeros go behind it. */
interface NumberParts {
  readonly sign: string
  readonly digits: string
  readonly finite: boolean
}

const PREFIXES: Readonly<Record<string, string>> = { x: '0x', X: '0X', o: '0', b: '0b', B: '0B' }

function signed(value: bigint, base: number, { flags, precision, type }: Conversion): NumberParts {
  const size = (value < 0n ? -value : value).toString(base)
  const prefix = flags.includes('#') && value !== 0n ? (PREFIXES[type] ?? '') : ''
  return { sign: signOf(value < 0n, flags) + prefix, digits: size.padStart(precision ?? 0, '0'), finite: true }
}

function signOf(negative: boolean, flags: string): string {
  if (negative) return '-'
  if (flags.includes('+')) return '+'
  return flags.includes(' ') ? ' ' : ''
}

function floatParts(value: number, { flags, precision = 6, type }: Conversion, fail: Fail): NumberParts {
  const sign = signOf(value < 0 || Object.is(value, -0), flags)
  const size = Math.abs(value)
  if (!Number.isFinite(size)) return { sign, digits: Number.isNaN(size) ? 'NaN' : 'Inf', finite: false }
  if (precision > FLOAT_PRECISION_MAX) throw fail(`numbers have at most ${FLOAT_PRECISION_MAX} digits behind the point`)
  const kind = type.toLowerCase()
  let digits: string
  if (kind === 'f') digits = fixed(size, precision)
  else if (kind === 'e') digits = exponential(size, precision)
  else digits = general(size, precision, flags.includes('#'))
  return { sign, digits: type === kind ? digits : digits.toUpperCase(), finite: true }
}

/** Like toFixed, but exact halves go to the even neighbour, as in C, and large numbers keep their digits. */
function fixed(size: number, precision: number): string {
  if (size >= 1e21) return BigInt(size).toString() + (precision > 0 ? `.${'0'.repeat(precision)}` : '')
  const exact = size.toFixed(FLOAT_PRECISION_MAX)
  const cut = exact.length - FLOAT_PRECISION_MAX + precision
  if (!/^50*$/.test(exact.slice(cut))) return size.toFixed(precision)
  const kept = exact.slice(0, cut).replace(/\.$/, '')
  return Number(kept.at(-1)) % 2 === 0 ? kept : size.toFixed(precision)
}

function exponential(size: number, precision: number): string {
  return size.toExponential(precision).replace(/e([-+])(\d)$/, 'e$10$2')
}

function general(size: number, precision: number, keepZeros: boolean): string {
  const significant = Math.max(precision, 1)
  const scientific = exponential(size, significant - 1)
  const exponent = Number(scientific.slice(scientific.indexOf('e') + 1))
  const inRange = exponent >= -4 && exponent < significant
  const text = inRange ? fixed(size, significant - 1 - exponent) : scientific
  return keepZeros ? text : text.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '')
}

function integerOf(value: Value, fail: Fail): bigint {
  if (typeof value === 'number' && Number.isFinite(value)) return BigInt(Math.trunc(value))
  if (typeof value === 'string' && /^\s*[-+]?\d{1,100}\s*$/.test(value)) return BigInt(value.trim().replace('+', ''))
  throw fail(`${rubyInspect(value).slice(0, 100)} is no whole number`)
}

function floatOf(value: Value, fail: Fail): number {
  if (typeof value === 'number') return value
  if (typeof value === 'string' && /^\s*[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?\s*$/.test(value)) return Number(value)
  throw fail(`${rubyInspect(value).slice(0, 100)} is no number`)
}

function padNumber({ sign, digits, finite }: NumberParts, conversion: Conversion): string {
  const { flags, width, precision, type } = conversion
  const isInteger = !'feEgG'.includes(type)
  const zeros = flags.includes('0') && !flags.includes('-') && finite && !(isInteger && precision !== undefined)
  return pad(zeros ? sign + digits.padStart(width - sign.length, '0') : sign + digits, conversion)
}

function pad(text: string, { flags, width }: Conversion): string {
  const missing = width - [...text].length
  if (missing <= 0) return text
  return flags.includes('-') ? text + ' '.repeat(missing) : ' '.repeat(missing) + text
}
