// How long ago, as the Puppet agent's own tools say it. [agents 10.3]

/** `12 seconds`, `9 minutes 05 seconds`, `1 day 2 hours 5 minutes 07 seconds`. Below 0 (a clock was set back) it is 0. */
export function elapsedText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const days = Math.floor(whole / 86_400)
  const hours = Math.floor(whole / 3600) % 24
  const minutes = Math.floor(whole / 60) % 60
  const rest = `${String(whole % 60).padStart(2, '0')} seconds`
  if (days > 0) return `${days} day${days === 1 ? '' : 's'} ${hours} hours ${minutes} minutes ${rest}`
  if (hours > 0) return `${hours} hours ${minutes} minutes ${rest}`
  return minutes > 0 ? `${minutes} minutes ${rest}` : rest
}
