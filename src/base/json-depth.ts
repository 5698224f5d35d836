// How deep a JSON text nests, without parsing it: the bound that keeps recursive code safe from what JSON.parse accepts.

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN = [0x7b, 0x5b]
const CLOSE = [0x7d, 0x5d]

/** True when `bytes` nests objects and lists at most `depthMax` deep. Says nothing about being valid JSON. */
export function jsonDepthWithin(bytes: Uint8Array, depthMax: number): boolean {
  let depth = 0
  let i = 0
  while (i < bytes.length) {
    const byte = bytes[i]
    if (byte === QUOTE) {
      i = endOfString(bytes, i)
    } else if (byte === OPEN[0] || byte === OPEN[1]) {
      if (++depth > depthMax) return false
    } else if (byte === CLOSE[0] || byte === CLOSE[1]) {
      depth--
    }
    i++
  }
  return true
}

/** Index of the quote that ends the string beginning at `start`, or the end of the bytes. */
function endOfString(bytes: Uint8Array, start: number): number {
  let end = bytes.indexOf(QUOTE, start + 1)
  while (end !== -1) {
    let backslashes = 0
    while (bytes[end - 1 - backslashes] === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return end
    end = bytes.indexOf(QUOTE, end + 1)
  }
  return bytes.length
}
