// docs/reference/api.md, written from the table of routes and its schemas. scripts/api-page.mjs writes the file; a test holds page and table
// together.

import type { TSchema } from 'typebox'
import type { Route } from './route.ts'
import { usesLiveManagement } from './server.ts'

const INTRODUCTION = `# The console's HTTP API

<!-- Written by scripts/api-page.mjs from src/console/routes.ts. Change the table and its schemas there. -->

Everything the pages of the web console do, they do by these requests; scripts may do the same with an API token (*Administration, API tokens*,
or \`POST /api/tokens\`):

    curl --cacert ca.pem -H 'Authorization: Bearer troupe_...' https://console.example.com:4433/api/nodes

- Requests and answers are JSON. The same schemas are an OpenAPI 3.1 document at \`GET /api/openapi.json\`.
- A token may what its role and the role of its account both allow. Browsers have a session cookie instead, and send the \`csrfToken\` of
  \`GET /api/session\` as header \`x-csrf-token\` with everything but GET.
- What is not 2xx has a body \`{"code", "message", "fields"}\`: the code is in [errors.md](errors.md), \`fields\` names the inputs that do not fit.
  400 and 422: the request is wrong; 401: nobody is signed in; 403: not allowed; 404: not there; 409: stands against what is there; 423: locked
  for a while; 429: too often, \`retry-after\` says how long to wait; 503: the broker or the database is away.
- Roles: everybody; viewer; operator, who also is a viewer; administrator, who also is an operator.
- Times are milliseconds since 1970. Names of nodes are identities. A \`?\` behind a field means that it may be absent.
- Fields may be added to answers; those that are there keep their meaning.
`

/** The whole page, ending in a line end. */
export function renderApiPage(routes: readonly Route[]): string {
  const tags = [...new Set(routes.map((line) => line.tag))]
  const parts = [INTRODUCTION]
  for (const tag of tags) {
    parts.push(`## ${tag[0]!.toUpperCase()}${tag.slice(1)}\n`)
    for (const line of routes) if (line.tag === tag) parts.push(section(line))
  }
  return parts.join('\n')
}

function section(line: Route): string {
  const who = line.role === 'anonymous' ? 'Everybody' : `Role ${line.role}`
  const off = usesLiveManagement(line) ? '' : ' Also while Live Management is switched off.'
  const blocks = [
    shapes('In the path', line.params),
    shapes('In the query', line.query),
    shapes('Body', line.body),
    shapes('Answer', line.answer),
  ]
  return [
    `### \`${line.method} ${line.path}\``,
    '',
    `${line.summary}. ${who}.${off}${line.status === undefined ? '' : ` Answers with ${line.status}.`}`,
    '',
    ...blocks.filter(Boolean),
  ].join('\n')
}

function shapes(title: string, schema: TSchema | undefined): string {
  if (!schema) return ''
  const text = shapeOf(schema as Shape, 0)
  if (text === '{}') return title === 'Answer' ? `${title}: \`{}\`\n` : ''
  return text.includes('\n') ? `${title}:\n\n\`\`\`\n${text}\n\`\`\`\n` : `${title}: \`${text}\`\n`
}

/** What of JSON Schema the console's schemas use. */
interface Shape {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly patternProperties?: Readonly<Record<string, Shape>>
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly maxItems?: number
}

const INDENT = '  '
const DEPTH_MAX = 6

function shapeOf(shape: Shape, depth: number): string {
  if (shape.const !== undefined) return JSON.stringify(shape.const)
  if (shape.enum) return shape.enum.map((word) => JSON.stringify(word)).join(' | ')
  if (shape.anyOf) return shape.anyOf.map((one) => shapeOf(one, depth)).join(' | ')
  if (depth > DEPTH_MAX) return '...'
  if (shape.type === 'array') return listOf(shape, depth)
  if (shape.type === 'object') return mapOf(shape, depth)
  return shape.type === undefined ? 'any JSON' : `${shape.type}${boundsOf(shape)}`
}

function listOf({ items, maxItems }: Shape, depth: number): string {
  const inside = items ? shapeOf(items, depth) : 'any JSON'
  const most = maxItems === undefined ? '' : ` at most ${maxItems}`
  return inside.includes(' | ') && !inside.includes('\n') ? `[(${inside})]${most}` : `[${inside}]${most}`
}

function mapOf({ properties = {}, required = [], patternProperties }: Shape, depth: number): string {
  const [any] = Object.values(patternProperties ?? {})
  if (any) return `{ any name: ${shapeOf(any, depth + 1)} }`
  const fields = Object.entries(properties)
  if (fields.length === 0) return '{}'
  const lines = fields.map(([name, shape]) => {
    const optional = required.includes(name) ? '' : '?'
    return `${INDENT.repeat(depth + 1)}${name}${optional}: ${shapeOf(shape, depth + 1)}`
  })
  return `{\n${lines.join('\n')}\n${INDENT.repeat(depth)}}`
}

function boundsOf({ pattern, minimum, maximum, minLength, maxLength }: Shape): string {
  const bounds = [
    minimum !== undefined && maximum !== undefined ? `${minimum} to ${maximum}` : '',
    minimum !== undefined && maximum === undefined ? `at least ${minimum}` : '',
    minimum === undefined && maximum !== undefined ? `at most ${maximum}` : '',
    minLength !== undefined && minLength > 1 && maxLength !== undefined
      ? `${minLength} to ${maxLength} characters`
      : '',
    (minLength ?? 0) <= 1 && maxLength !== undefined ? `at most ${maxLength} characters` : '',
    pattern === undefined ? '' : `like ${pattern}`,
  ].filter(Boolean)
  return bounds.length === 0 ? '' : ` (${bounds.join(', ')})`
}
