// Inputs of a job in words, for lines and lists: what a clone puts on the nodes step by step is a list of resources, not JSON to read.

interface Step {
  readonly type: string
  readonly title: string
  readonly properties: Readonly<Record<string, unknown>>
}

/** `sshd`, `{"a":1}`; steps of a clone: `group gophers (ensure=present), then user gopher (shell=/bin/sh)`. `short`: without what is in brackets. */
export function inputText(value: unknown, short = false): string {
  if (typeof value === 'string') return value
  if (!isSteps(value)) return JSON.stringify(value) ?? ''
  return value
    .map((step) => `${step.type} ${step.title}${short ? '' : propertiesText(step.properties)}`)
    .join(', then ')
}

/** All of them in a line: `service=sshd noop=true`. */
export function inputsText(inputs: Readonly<Record<string, unknown>>): string {
  return Object.entries(inputs)
    .map(([name, value]) => `${name}=${inputText(value, true)}`)
    .join(' ')
}

function propertiesText(properties: Readonly<Record<string, unknown>>): string {
  const words = Object.entries(properties).map(([name, value]) => `${name}=${inputText(value, true)}`)
  return words.length === 0 ? '' : ` (${words.join(', ')})`
}

function isSteps(value: unknown): value is readonly Step[] {
  return Array.isArray(value) && value.length > 0 && value.every(isStep)
}

function isStep(value: unknown): value is Step {
  if (typeof value !== 'object' || value === null) return false
  const { type, title, properties } = value as Record<string, unknown>
  return typeof type === 'string' && typeof title === 'string' && typeof properties === 'object' && properties !== null
}
