// The agents as forms: made from their DDLs. [live 6]

import Type, { type Static } from 'typebox'
import { Json, PluginName } from './words.ts'

export const TaskInput = Type.Object({
  name: Type.String(),
  prompt: Type.String(),
  description: Type.String(),
  type: Type.Enum(['string', 'list', 'boolean', 'integer', 'float', 'number', 'any']),
  required: Type.Boolean(),
  /** Type string: characters; absent: unlimited. */
  maxlength: Type.Optional(Type.Integer()),
  /** Type list. */
  choices: Type.Optional(Type.Array(Json)),
  /** A sentence for people, e.g. `must match ^\w+$`. */
  rule: Type.Optional(Type.String()),
  default: Type.Optional(Json),
  /** Its name says it is a secret: never kept, shown or put in an address. */
  secret: Type.Boolean(),
})
export type TaskInput = Static<typeof TaskInput>

export const TaskAction = Type.Object({
  name: PluginName,
  description: Type.String(),
  inputs: Type.Array(TaskInput),
  outputs: Type.Array(
    Type.Object({
      name: Type.String(),
      label: Type.String(),
      description: Type.String(),
      /** Always differs (pids, seconds): not part of what makes two answers equal. */
      volatile: Type.Boolean(),
    }),
  ),
  /** true: it changes things, or may, for all that is known: red button, operators only, confirmation. */
  acts: Type.Boolean(),
  /** true: it has an input `noop`. */
  noop: Type.Boolean(),
  timeoutSeconds: Type.Number(),
})
export type TaskAction = Static<typeof TaskAction>

export const TaskAgent = Type.Object({
  name: PluginName,
  description: Type.String(),
  version: Type.String(),
  /** By name. `puppetral create` is not among them: cloning does that. */
  actions: Type.Array(TaskAction),
  /** How many nodes have it; absent: not known. */
  nodes: Type.Optional(Type.Integer()),
})
export type TaskAgent = Static<typeof TaskAgent>

/** GET /api/agents: by name; `advanced`: those of the tab Advanced Tasks (not discovery, puppet, puppetd). Broken DDLs with their error. */
export const TaskAgents = Type.Object({
  agents: Type.Array(TaskAgent),
  advanced: Type.Array(PluginName),
  broken: Type.Array(Type.Object({ name: Type.String(), error: Type.String() })),
})
export type TaskAgents = Static<typeof TaskAgents>
