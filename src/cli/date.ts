// Times as people read them, local time. [cli 1 L6, R-063, R-071]

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Classic: `Mon Nov 14 15:25:33 -0800 2011`; modern: `2011-11-14 15:25:33 -0800`. */
export function formatDate(date: Date, look: 'classic' | 'modern'): string {
  const two = (n: number): string => String(n).padStart(2, '0')
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  const eastMinutes = -date.getTimezoneOffset()
  const zone = `${eastMinutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(eastMinutes) / 60))}${two(Math.abs(eastMinutes) % 60)}`
  if (look === 'modern')
    return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time} ${zone}`
  return `${DAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${two(date.getDate())} ${time} ${zone} ${date.getFullYear()}`
}
