// Status codes of replies and what they are called on screen. [wire 5.3, cli 6.2]

export const STATUS = {
  ok: 0,
  aborted: 1,
  unknownAction: 2,
  missingData: 3,
  invalidData: 4,
  otherError: 5,
} as const

const LABELS: readonly string[] = [
  '',
  'Request Aborted',
  'Unknown Action',
  'Missing Request Data',
  'Invalid Request Data',
  'Unknown Request Status',
]

/** `statusLabel(1)` is `Request Aborted`; OK has no label; codes an agent made up have the label of code 5. */
export function statusLabel(code: number): string {
  return LABELS[code] ?? 'Unknown Request Status'
}
