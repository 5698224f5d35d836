// Actions in any language: programs beside the DDL. Found as <libdir>/[mcollective/]agent/NAME/ACTION (any extension), or one
// program agent/NAME/NAME for all actions. [agents 13]
//
// Called with two arguments, request file and reply file, also in MCOLLECTIVE_REQUEST_FILE and MCOLLECTIVE_REPLY_FILE; working
// directory: the private directory with those files, which is the temporary directory for it as well; LC_ALL=C.
// The request is {agent, action, data, sender, callerid, uniqid}; the reply a JSON object whose keys are outputs. Exit status =
// status code. Standard output is logged at info, standard error at error. Lines on file descriptor 3, whose number is in
// MCOLLECTIVE_PROGRESS_FD, tell the caller how far it is.

import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, parse } from 'node:path'
import { messageOf } from '#base/errors.ts'
import { EXTERNAL_REPLY_BYTES_MAX } from '#base/limits.ts'
import type { Log } from '#base/log.ts'
import { parseJson } from '#base/parse-json.ts'
import type { Values } from '#message/request.ts'
import { STATUS } from '#message/status.ts'
import { ActionFailed, type ActionHandler, type Call } from '#rpc/agent.ts'
import type { AgentDdl } from '#rpc/ddl/ddl.ts'
import type { Host, RunResult } from '#rpc/host.ts'

/** The programs of an agent's directory by action, e.g. `restart` -> `/opt/x/agent/web/restart.py`. Empty: there are none. */
export function findExternals(directory: string, ddl: AgentDdl): Map<string, string> {
  const found = new Map<string, string>()
  const agent = basename(directory)
  const files = filesOf(directory)
  for (const { name } of ddl.actions) {
    const file = files.find((file) => file === name) ?? files.find((file) => parse(file).name === name)
    const shared = files.find((file) => file === agent) ?? files.find((file) => parse(file).name === agent)
    const program = file ?? shared
    if (program) found.set(name, join(directory, program))
  }
  return found
}

/** A handler per program. */
export function externalActions(
  agent: string,
  programs: ReadonlyMap<string, string>,
  parts: { readonly host: Host; readonly log: Log; readonly temporaryDirectory?: string },
): Record<string, ActionHandler> {
  return Object.fromEntries(
    [...programs].map(([action, program]) => [action, (call: Call) => runExternal(agent, program, call, parts)]),
  )
}

function filesOf(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((file) => statSync(join(directory, file), { throwIfNoEntry: false })?.isFile())
      .sort()
  } catch {
    return []
  }
}

async function runExternal(
  agent: string,
  program: string,
  call: Call,
  parts: { readonly host: Host; readonly log: Log; readonly temporaryDirectory?: string },
): Promise<Values> {
  try {
    accessSync(program, constants.X_OK)
  } catch {
    throw new ActionFailed(STATUS.aborted, `Cannot execute ${agent}#${call.action} command: ${program}`)
  }
  // Of its own and closed to others: inputs may be secret, and nobody may put a link in the reply's place.
  const directory = await mkdtemp(join(parts.temporaryDirectory ?? tmpdir(), 'mcollective-'))
  try {
    const requestFile = join(directory, 'request.json')
    const replyFile = join(directory, 'reply.json')
    const request = {
      agent,
      action: call.action,
      data: { ...call.data, process_results: true },
      sender: call.sender,
      callerid: call.caller,
      uniqid: call.requestId,
    }
    await writeFile(requestFile, JSON.stringify(request), { mode: 0o600 })
    await writeFile(replyFile, '', { mode: 0o600 })
    const result = await parts.host.run([program, requestFile, replyFile], {
      cwd: directory,
      env: {
        MCOLLECTIVE_REQUEST_FILE: requestFile,
        MCOLLECTIVE_REPLY_FILE: replyFile,
        MCOLLECTIVE_PROGRESS_FD: '3',
        TMPDIR: directory,
      },
      signal: call.signal,
      onStatusLine: (line) => reportProgress(call, line),
    })
    logOutput(parts.log, `${agent}#${call.action}`, result)
    return outcome(basename(program), result, await readReply(replyFile, basename(program)))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** `40% half of the files` or words alone. */
function reportProgress(call: Call, line: string): void {
  const [, percent, text] = /^\s*(\d{1,3})%\s*(\S.*)$/.exec(line) ?? []
  if (percent === undefined || text === undefined) call.progress(line)
  else call.progress(text, Number(percent))
}

function outcome(script: string, result: RunResult, reply: Values | Error): Values {
  const data = reply instanceof Error ? {} : reply
  if (result.status === 0 && !result.error) {
    if (reply instanceof Error) throw new ActionFailed(STATUS.otherError, reply.message)
    return data
  }
  // Statuses of the shell and of signals are not ours.
  const code = result.status >= 1 && result.status <= 5 ? result.status : STATUS.otherError
  const why = result.error ?? result.stderr.trim()
  throw new ActionFailed(code, `Failed to run ${script}: ${why || `it ended with status ${result.status}`}`, data)
}

/** The reply file's object; an empty file is an empty reply. */
async function readReply(path: string, script: string): Promise<Values | Error> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    let text: string
    try {
      const { size } = await file.stat()
      if (size > EXTERNAL_REPLY_BYTES_MAX) {
        return new Error(`${script} wrote a reply of ${size} bytes; at most ${EXTERNAL_REPLY_BYTES_MAX} are allowed`)
      }
      text = (await file.readFile('utf8')).trim()
    } finally {
      await file.close()
    }
    if (text === '') return {}
    const value: unknown = parseJson(text)
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      return new Error(`${script} wrote a reply that is not a JSON object`)
    }
    return value as Values
  } catch (error) {
    return new Error(`cannot read the reply of ${script}: ${messageOf(error)}`)
  }
}

function logOutput(log: Log, what: string, result: RunResult): void {
  for (const line of result.stdout.split('\n')) if (line !== '') log.info(`${what}: ${line}`)
  for (const line of result.stderr.split('\n')) if (line !== '') log.error(`${what}: ${line}`)
}
