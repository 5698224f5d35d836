// Numbers, counts and times as people read them, the same everywhere. English, as the whole console; times in the browser's zone.

/** `12,250`. Whole numbers without the browser's tables of languages, whose first use takes longer than the whole node list. */
export function numberText(value: number): string {
  return Number.isSafeInteger(value) ? String(value).replace(/\B(?=(\d{3})+$)/g, ',') : value.toLocaleString('en-US')
}

/** `1 node`, `446 nodes`; `countText(2, 'variation')` is `2 variations`. */
export function countText(count: number, noun: string, plural = `${noun}s`): string {
  return `${numberText(count)} ${count === 1 ? noun : plural}`
}

export function nodesText(count: number): string {
  return countText(count, 'node')
}

/** Seconds to `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `4 days`. */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return '—'
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1).replace(/\.0$/, '')} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return joined(Math.floor(whole / 60), 'min', whole % 60, 's')
  if (whole < 86_400) return joined(Math.floor(whole / 3_600), 'h', Math.round((whole % 3_600) / 60), 'min')
  return countText(Math.floor(whole / 86_400), 'day')
}

/** `37 ms` below a second, else as durationText. */
export function millisecondsText(ms: number): string {
  return ms < 1_000 ? `${Math.max(0, Math.round(ms))} ms` : durationText(ms / 1_000)
}

function joined(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`
}

/** `less than a minute ago`, `5 minutes ago`, `3 hours ago`, `2 days ago`; of a time to come `in 5 minutes`. */
export function agoText(atMs: number, nowMs: number): string {
  const seconds = Math.round(Math.abs(nowMs - atMs) / 1000)
  // Clocks of browser and console differ a little: what is a few seconds to come has just been.
  const future = atMs - nowMs > 30_000
  if (seconds < 60) return future ? 'in less than a minute' : 'less than a minute ago'
  const text =
    seconds < 3_600
      ? countText(Math.floor(seconds / 60), 'minute')
      : seconds < 86_400
        ? countText(Math.floor(seconds / 3_600), 'hour')
        : countText(Math.floor(seconds / 86_400), 'day')
  return future ? `in ${text}` : `${text} ago`
}

/** Minutes ahead of Greenwich to `UTC`, `+01:00`, `-03:30`. */
export function zoneText(minutes: number): string {
  if (minutes === 0) return 'UTC'
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`
}

/** `2026-03-04 17:05:09 +01:00`, in the browser's zone, which is not that of whoever is sent a picture of the page; `UTC` where it is that. */
export function timeText(atMs: number): string {
  const date = new Date(atMs)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zoneText(-date.getTimezoneOffset())}`
}
