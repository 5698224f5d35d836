// A row of little bars for how values spread: `mco puppet summary`. [cli 8.11]

const TICKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇'] as const
const BUCKETS = 20

/** Twenty bars from the smallest value to the largest; a bucket that holds anything never shows the lowest. */
export function sparkline(values: readonly number[]): string {
  const [min, max] = rangeOf(values)
  const size = (max - min) / BUCKETS + 1
  const counts = new Array<number>(BUCKETS).fill(0)
  // All equal: there is nothing to see.
  if (max > min) for (const value of values) counts[Math.min(BUCKETS - 1, Math.floor((value - min) / size))]!++
  const fullest = Math.max(...counts)
  return counts
    .map((count) => {
      if (count === 0) return TICKS[0]
      return TICKS[Math.max(1, Math.round((count / fullest) * (TICKS.length - 1)))]
    })
    .join('')
}

/** `min: 112.0  avg: 288.9  max: 735.0`, large numbers as `1.5k` and `2.3m`. */
export function spreadText(values: readonly number[]): string {
  const [min, max] = rangeOf(values)
  const average = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
  const [low, mean, high] = [min, average, max].map((value) => shortNumber(value).padEnd(6))
  return `min: ${low} avg: ${mean} max: ${high}`
}

function rangeOf(values: readonly number[]): [min: number, max: number] {
  let [min, max] = [values[0] ?? 0, values[0] ?? 0]
  for (const value of values) {
    if (value < min) min = value
    if (value > max) max = value
  }
  return [min, max]
}

function shortNumber(value: number): string {
  if (value >= 999_950) return `${(value / 1_000_000).toFixed(1)}m`
  return value >= 999.95 ? `${(value / 1000).toFixed(1)}k` : value.toFixed(1)
}
