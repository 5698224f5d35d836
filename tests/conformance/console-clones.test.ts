// Cloning a resource over real nodes and taking it back: previews, confirmations, canary, two people at once, secrets.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Job } from '../../src/console/api/jobs.ts'
import type { ClonePreview } from '../../src/console/api/resources.ts'
import { sampleNodes } from '../../src/setup/sample-nodes.ts'
import { type Answered, type Asker, previewOf, startConsole, type TestConsole } from './console.ts'

const NODES = 30
const SECRET = '$6$salt$gopher'
/** Every node but this one, the fifth, shows its secrets to alice; to bob none does. */
const CLOSED = 4

let troupe: TestConsole
let alice: Asker
let bob: Asker
before(async () => {
  const closed = sampleNodes(NODES)[CLOSED]?.identity
  troupe = await startConsole({
    nodes: NODES,
    config: (identity) => (identity === closed ? '' : 'plugin.puppetral.reveal_sensitive = user=alice'),
  })
  alice = await troupe.signedIn('alice', 'operator')
  bob = await troupe.signedIn('bob', 'operator')
})
after(() => troupe.stop())

const name = (index: number): string => troupe.nodes[index]?.identity ?? ''
const users = (index: number) => troupe.nodes[index]?.resources.get('user') ?? new Map()
const groups = (index: number) => troupe.nodes[index]?.resources.get('group') ?? new Map()
/** What is on a node, to be compared later. */
const state = (index: number): string =>
  JSON.stringify([...(troupe.nodes[index]?.resources ?? [])].map(([type, all]) => [type, [...all].sort()]))

async function preview(request: object, as: Asker = alice): Promise<ClonePreview> {
  const { status, body, text } = await previewOf(as, { type: 'user', title: 'gopher', options: {}, ...request })
  assert.equal(status, 200, text)
  return body
}

async function ended({ status, body, text }: Answered): Promise<Job> {
  assert.equal(status, 200, text)
  await troupe.live.jobs.ended(body.id)
  return (await alice.get(`/api/jobs/${body.id}`)).body
}

const clone = async ({ id, confirm }: ClonePreview, as: Asker = alice): Promise<Job> =>
  ended(await as.post('/api/clones', { preview: id, ...(confirm === undefined ? {} : { confirm }) }))
const undo = async ({ id }: Job, body: object = {}): Promise<Job> =>
  ended(await alice.post(`/api/jobs/${id}/undo`, body))
const linesOf = async ({
  id,
}: Job): Promise<{ node: string; outcome: string; message?: string; data?: { resource: Record<string, unknown> } }[]> =>
  (await alice.get(`/api/jobs/${id}/results?limit=1000`)).body.results

describe('clone preview', () => {
  test('is a run on the nodes that only looks: effects by present state, groups first, nothing is changed', async () => {
    const before = [1, 2, 3].map(state)
    const nodes = [1, 2, 3].map(name)
    const shown = await preview({ sourceNode: name(0), nodes })
    assert.deepEqual([1, 2, 3].map(state), before)
    assert.deepEqual(shown.counts, { create: 2, change: 0, nothing: 1, excluded: 0, failed: 0, noResponse: 0 })
    assert.deepEqual(
      shown.steps.map(({ type, title }) => [type, title]),
      [
        ['group', 'gophers'],
        ['user', 'gopher'],
      ],
    )
    const user = shown.steps[1]?.properties ?? {}
    assert.deepEqual([user.password, user.gid, user.uid, user.groups], ['*****', 'gophers', undefined, undefined])
    const [create] = shown.effects
    assert.deepEqual(
      [create?.effect, create?.nodes.count, create?.also],
      ['create', 2, ['group gophers would be created']],
    )
    assert.equal(shown.confirm, undefined)
    assert.match(
      shown.command,
      /^mco rpc puppetral create type=group title=gophers .* && mco rpc puppetral create type=user title=gopher /,
    )
    assert.doesNotMatch(JSON.stringify(shown), /\$6\$/)
    const { body } = await alice.get(`/api/clones/preview/${shown.id}/effects/${create?.key}/nodes`)
    assert.deepEqual(body.nodes, [name(1), name(2)].sort())
  })

  test('tells how far it is, to the pages of the account that asked for it and no others', async () => {
    const told: { type: string; id?: string; question?: number; questions?: number; answered?: number }[] = []
    const stop = new AbortController()
    const listen = async (account: string, into: unknown[]): Promise<void> => {
      const listener = { account, role: 'operator' as const, untilMs: Number.MAX_SAFE_INTEGER, signal: stop.signal }
      for await (const text of troupe.parts.events.stream({ ...listener, stillAllowed: async () => true }))
        for (const [, data = ''] of text.matchAll(/^event: preview\ndata: (.*)$/gm)) into.push(JSON.parse(data))
    }
    const others: unknown[] = []
    const listening = [listen('alice', told), listen('bob', others)]
    const { id } = await preview({ sourceNode: name(0), nodes: [1, 2].map(name) })
    for (let tries = 0; told.at(-1)?.answered !== 2 && tries < 100; tries++)
      await new Promise((resolve) => setTimeout(resolve, 20))
    stop.abort()
    await Promise.all(listening)
    const last = told.at(-1)
    const { question, questions, answered } = last ?? {}
    assert.deepEqual([last?.id, question, questions, answered], [id, questions, questions, 2])
    assert.deepEqual(others, [])
  })

  test('is begun at once, and told to nobody else; cancelled, or when its session ends, it is gone', async () => {
    const ask = { type: 'user', title: 'gopher', options: {}, sourceNode: name(0), nodes: [name(1)] }
    const begun = await alice.post('/api/clones/preview', ask)
    assert.deepEqual([begun.status, begun.body.state], [202, 'running'])
    const path = `/api/clones/preview/${begun.body.id}`
    assert.equal((await bob.get(path)).status, 403)
    assert.equal((await bob.delete(path)).status, 403)
    assert.equal((await alice.get(`${path}?wait=26`)).status, 422)
    assert.equal((await alice.delete(path)).status, 200)
    assert.deepEqual([(await alice.get(path)).status, (await alice.delete(path)).status], [404, 404])
    const elsewhere = await troupe.signedIn('alice', 'operator')
    const [own, other] = [
      await alice.post('/api/clones/preview', ask),
      await elsewhere.post('/api/clones/preview', ask),
    ]
    // What it waits for is told when there is nothing to wait for any more, too.
    const waiting = alice.get(`/api/clones/preview/${other.body.id}?wait=20`)
    await elsewhere.delete('/api/session')
    const told = await waiting
    assert.ok(told.status === 404 || told.body.state === 'done', told.text)
    const mine = await alice.get(`/api/clones/preview/${own.body.id}?wait=20`)
    assert.deepEqual([mine.status, mine.body.state], [200, 'done'])
  })

  test('of one account only a few are on their way', async () => {
    const ask = { type: 'user', title: 'gopher', options: {}, sourceNode: name(0) }
    const slow = { ...ask, nodes: ['ghost.example.com'] }
    const begun = await Promise.all([1, 2, 3, 4, 5].map(() => bob.post('/api/clones/preview', slow)))
    assert.deepEqual(begun.map(({ status }) => status).sort(), [202, 202, 202, 429, 429])
    for (const { body } of begun) if (body.id) await bob.delete(`/api/clones/preview/${body.id}`)
    assert.equal((await previewOf(bob, { ...ask, nodes: [name(1)] })).status, 200)
  })

  test('of a variant asks a node that has it, and refuses when it is no longer so', async () => {
    await alice.post('/api/resources/user/find', { title: 'gopher', nodes: [name(0), name(3), name(6)] })
    const { body } = await alice.post('/api/resources/user/variants', {
      title: 'gopher',
      nodes: [name(0), name(3), name(6)],
    })
    const variant = body.variants[0].key
    const shown = await preview({ variant, nodes: [name(1)] })
    assert.deepEqual([shown.source.key, shown.source.nodes.count], [variant, 3])
    for (const index of [0, 3, 6]) users(index).get('gopher').shell = '/bin/false'
    const refused = await previewOf(alice, {
      type: 'user',
      title: 'gopher',
      variant,
      nodes: [name(1)],
      options: {},
    })
    for (const index of [0, 3, 6]) users(index).get('gopher').shell = '/bin/bash'
    assert.deepEqual([refused.status, refused.body.code], [409, 'CONSOLE_CONFLICT'])
    assert.match(refused.body.message, /no longer as it was/)
  })

  test('a password is not cloned when the source does not show it to the account, and that is said', async () => {
    const shown = await preview({ sourceNode: name(0), nodes: [name(1)] }, bob)
    assert.equal(shown.steps[1]?.properties.password, undefined)
    assert.match(shown.warnings.join(), /password is not cloned: .*reveal_sensitive/)
  })

  test('a node that tells too much to be kept is left alone, and the others are not', async () => {
    users(7).set('walrus', { ensure: 'present', shell: '/bin/sh', comment: 'x'.repeat(1_500_000) })
    users(6).set('walrus', { ensure: 'present', shell: '/bin/zsh', comment: 'walrus' })
    const shown = await preview({ title: 'walrus', sourceNode: name(6), nodes: [name(1), name(7)] })
    assert.ok(JSON.stringify(shown).length < 100_000)
    assert.deepEqual([shown.counts.create, shown.counts.change], [1, 1])
    const job = await clone(shown)
    const lines = new Map((await linesOf(job)).map((line) => [line.node, line]))
    assert.deepEqual([lines.get(name(1))?.outcome, lines.get(name(7))?.outcome], ['ok', 'failed'])
    assert.match(lines.get(name(7))?.message ?? '', /more than can be kept.*nothing was changed/)
    assert.equal(users(1).get('walrus')?.shell, '/bin/zsh')
    assert.equal(users(7).get('walrus')?.shell, '/bin/sh')
  })

  test('above 25 nodes their number has to be typed, for accounts of the system the title', async () => {
    const many = await preview({ sourceNode: name(0), nodes: troupe.nodes.map(({ identity }) => identity) })
    assert.deepEqual([many.counts.create, many.confirm], [20, undefined])
    const motd = await preview({
      type: 'host',
      title: name(0),
      sourceNode: name(0),
      nodes: troupe.nodes.map(({ identity }) => identity),
    })
    assert.deepEqual([motd.counts.create, motd.confirm], [29, '29'])
    for (const confirm of [undefined, '28', 'yes'])
      assert.equal((await alice.post('/api/clones', { preview: motd.id, ...(confirm ? { confirm } : {}) })).status, 422)
    const root = await preview({ title: 'root', sourceNode: name(0), nodes: [name(1)] })
    assert.equal(root.confirm, 'root')
  })

  test('ids are kept where they are free, and who has them is named', async () => {
    users(1).set('other', { ensure: 'present', uid: 1010, gid: 1010 })
    groups(2).set('others', { ensure: 'present', gid: 1010, members: [] })
    const shown = await preview({ sourceNode: name(0), nodes: [name(1), name(2), name(4)], options: { keepIds: true } })
    const reasons = shown.effects.map(({ reason, nodes }) => [nodes.first[0], reason])
    users(1).delete('other')
    groups(2).delete('others')
    assert.deepEqual(
      reasons.filter(([, reason]) => reason === undefined),
      [[name(4), undefined]],
    )
    assert.match(String(reasons.find(([node]) => node === name(1))?.[1]), /uid 1010 is taken by other/)
    assert.match(String(reasons.find(([node]) => node === name(2))?.[1]), /gid 1010 is taken by others/)
  })

  test('packages of another provider are left out with the reason, files refused, silent nodes counted', async () => {
    troupe.nodes[2]?.resources.get('package')?.set('openssl', { ensure: '1:3.0.7', provider: 'dnf' })
    const nodes = [name(1), name(2), name(5), 'ghost.example.com']
    const shown = await preview({ type: 'package', title: 'openssl', sourceNode: name(0), nodes })
    troupe.nodes[2]?.resources.get('package')?.set('openssl', { ensure: '3.0.17-1', provider: 'apt' })
    const { change, nothing, excluded, noResponse } = shown.counts
    assert.deepEqual({ change, nothing, excluded, noResponse }, { change: 1, nothing: 1, excluded: 1, noResponse: 1 })
    assert.match(String(shown.effects.find(({ effect }) => effect === 'excluded')?.reason), /with dnf, not apt/)
    const file = { type: 'file', title: '/etc/motd', sourceNode: name(0), nodes, options: {} }
    assert.equal((await alice.post('/api/clones/preview', file)).status, 422)
  })
})

describe('clone and undo', () => {
  test('a user with its groups is made where it is not, and undone without a trace', async () => {
    const targets = [1, 2, 5]
    const before = targets.map(state)
    const job = await clone(await preview({ sourceNode: name(0), nodes: targets.map(name) }))
    assert.deepEqual([job.kind, job.state, job.counts.ok, job.canUndo], ['clone', 'done', 3, true])
    for (const index of targets) {
      assert.equal(users(index).get('gopher').password, SECRET)
      assert.equal(users(index).get('gopher').gid, groups(index).get('gophers').gid)
    }
    const [line] = await linesOf(job)
    assert.deepEqual([line?.data?.resource.group, line?.data?.resource.password], ['gophers', '*****'])
    const groupsOfAnswers = (await alice.get(`/api/jobs/${job.id}/groups`)).body.groups
    assert.deepEqual(
      groupsOfAnswers.map(({ nodes }: { nodes: { count: number } }) => nodes.count),
      [3],
    )
    const { nodes } = (await alice.get(`/api/jobs/${job.id}/undo`)).body
    assert.deepEqual(nodes, { count: 3, first: targets.map(name).sort() })
    const undone = await undo(job)
    assert.deepEqual([undone.kind, undone.of, undone.state, undone.counts.ok], ['undo', job.id, 'done', 3])
    assert.match(undone.command, /title=gopher .*absent.* && mco rpc puppetral create type=group title=gophers /)
    assert.deepEqual(targets.map(state), before)
    const again = await undo(job)
    assert.deepEqual(
      [again.state, again.counts.ok, (await linesOf(again))[0]?.message],
      ['done', 3, 'it was as before already'],
    )
  })

  test('what was changed is put back, the password too; where the node hides it, it is left and that is said', async () => {
    const targets = [3, 6, 9, CLOSED]
    users(CLOSED).set('gopher', { ...users(0).get('gopher') })
    groups(CLOSED).set('gophers', { ...groups(0).get('gophers') })
    for (const index of targets)
      Object.assign(users(index).get('gopher'), { shell: '/bin/sh', password: `$6$own${index}` })
    const before = targets.map(state)
    const job = await clone(await preview({ sourceNode: name(0), nodes: targets.map(name) }))
    assert.equal(job.counts.ok, 4)
    for (const index of targets)
      assert.deepEqual([users(index).get('gopher').shell, users(index).get('gopher').password], ['/bin/bash', SECRET])
    const undone = await undo(job)
    assert.deepEqual([undone.state, undone.counts.ok], ['done', 4])
    assert.deepEqual(targets.slice(0, 3).map(state), before.slice(0, 3))
    const closed = users(CLOSED).get('gopher')
    assert.deepEqual([closed.shell, closed.password], ['/bin/sh', SECRET])
    const line = (await linesOf(undone)).find(({ node }) => node === name(CLOSED))
    assert.match(line?.message ?? '', /password left as it is/)
    users(CLOSED).delete('gopher')
    groups(CLOSED).delete('gophers')
    for (const index of targets.slice(0, 3))
      Object.assign(users(index).get('gopher'), { shell: '/bin/bash', password: SECRET })
  })

  test('an undo can be undone, and that again: what was removed is made as it was, what was put back is as cloned', async () => {
    const [made, changed] = [1, 3]
    const gophers = (index: number) =>
      structuredClone([users(index).get('gopher') ?? null, groups(index).get('gophers') ?? null])
    users(changed).get('gopher').shell = '/bin/sh'
    users(changed).get('gopher').password = '$6$own3'
    const before = [made, changed].map(gophers)
    const job = await clone(
      await preview({ sourceNode: name(0), nodes: [made, changed].map(name), options: { keepIds: true } }),
    )
    const after = [made, changed].map(gophers)
    assert.notDeepEqual(after, before)
    const undone = await undo(job)
    assert.deepEqual([[made, changed].map(gophers), undone.canUndo], [before, true])
    const redone = await undo(undone)
    assert.deepEqual([redone.title, redone.of, redone.counts.ok], ['Redo: Clone user gopher', undone.id, 2])
    assert.deepEqual([made, changed].map(gophers), after)
    const line = (await linesOf(redone)).find(({ node }) => node === name(made))
    assert.equal(line?.message, 'group gophers made again; user gopher made again')
    assert.ok(!redone.command.includes(SECRET), redone.command)
    users(made).get('gopher').shell = '/bin/other'
    const last = await undo(redone)
    assert.equal(last.title, 'Undo: Clone user gopher')
    assert.deepEqual([last.counts.ok, last.counts.failed], [1, 1], 'somebody was there since')
    users(made).get('gopher').shell = '/bin/bash'
    assert.equal((await undo(redone, { nodes: [name(made)] })).counts.ok, 1)
    assert.deepEqual([made, changed].map(gophers), before)
    Object.assign(users(changed).get('gopher'), { shell: '/bin/bash', password: SECRET })
  })

  test('a node that somebody changed since is named and left alone, the others are undone', async () => {
    const job = await clone(await preview({ sourceNode: name(0), nodes: [1, 2].map(name) }))
    users(1).get('gopher').shell = '/bin/zsh'
    const undone = await undo(job)
    assert.deepEqual([undone.counts.ok, undone.counts.failed], [1, 1])
    const line = (await linesOf(undone)).find(({ node }) => node === name(1))
    assert.match(line?.message ?? '', /changed since by somebody \(shell\)/)
    assert.deepEqual([users(1).has('gopher'), users(2).has('gopher'), groups(2).has('gophers')], [true, false, false])
    users(1).get('gopher').shell = '/bin/bash'
    assert.equal((await undo(job, { nodes: [name(1)] })).counts.ok, 1)
    assert.equal(users(1).has('gopher'), false)
  })

  test('a group that others joined since is not removed', async () => {
    const job = await clone(await preview({ sourceNode: name(0), nodes: [name(1)] }))
    groups(1).get('gophers').members = ['gopher', 'deploy']
    const undone = await undo(job)
    assert.equal(undone.counts.failed, 1)
    assert.match((await linesOf(undone))[0]?.message ?? '', /deploy joined it/)
    assert.ok(users(1).has('gopher'))
    groups(1).get('gophers').members = []
    await undo(job)
  })

  test('a node that changed since the preview is left alone', async () => {
    const shown = await preview({ title: 'deploy', sourceNode: name(0), nodes: [name(1), name(2)] })
    assert.equal(shown.counts.nothing, 2)
    users(1).get('deploy').comment = 'mine'
    users(2).get('deploy').shell = '/bin/zsh'
    const now = await preview({ title: 'deploy', sourceNode: name(0), nodes: [name(1), name(2)] })
    users(1).get('deploy').comment = 'mine again'
    const job = await clone(now)
    assert.deepEqual([job.counts.ok, job.counts.failed], [1, 1])
    assert.match(
      (await linesOf(job)).find(({ node }) => node === name(1))?.message ?? '',
      /not as it was in the preview/,
    )
    assert.equal(users(1).get('deploy').comment, 'mine again')
    users(1).get('deploy').comment = 'Deployment'
  })

  test('a canary that fails stops the clone; what was not reached stays', async () => {
    const nodes = [1, 2, 5, 7].map(name)
    const shown = await preview({ sourceNode: name(0), nodes, rollOut: { canary: 1 } })
    users(1).set('gopher', { ensure: 'present', uid: 7 })
    const job = await clone(shown)
    users(1).delete('gopher')
    assert.deepEqual([job.state, job.counts.failed, job.counts.notAddressed], ['stopped', 1, 3])
    assert.match(job.stopReason ?? '', /canary/)
    assert.equal(users(2).has('gopher'), false)
  })

  test('too many failures begin no further group', async () => {
    const nodes = [1, 2, 5, 7, 8].map(name)
    const rollOut = { batch: 2, batchSleepSeconds: 0, maxFailures: 1 }
    const shown = await preview({ sourceNode: name(0), nodes, rollOut })
    users(2).set('gopher', { ensure: 'present', uid: 7 })
    const job = await clone(shown)
    users(2).delete('gopher')
    assert.deepEqual([job.state, job.counts.ok, job.counts.failed, job.counts.notAddressed], ['stopped', 1, 1, 3])
    await undo(job)
    const bad = { type: 'user', title: 'gopher', sourceNode: name(0), nodes, options: {}, rollOut: { maxFailures: 1 } }
    assert.equal((await alice.post('/api/clones/preview', bad)).status, 422)
  })

  test('a preview is good once, for who made it, for the nodes it was of, and for ten minutes', async () => {
    const shown = await preview({ sourceNode: name(0), nodes: [name(1)] })
    assert.equal((await bob.post('/api/clones', { preview: shown.id })).status, 403)
    const other = await alice.post('/api/clones', { preview: shown.id, nodes: [name(1), name(2)] })
    assert.deepEqual([other.status, other.body.code], [409, 'CONSOLE_CONFLICT'])
    const job = await ended(await alice.post('/api/clones', { preview: shown.id, nodes: [name(1)] }))
    assert.equal((await alice.post('/api/clones', { preview: shown.id })).status, 409)
    await undo(job)
    const old = await preview({ sourceNode: name(0), nodes: [name(1)] })
    troupe.clock.move(10 * 60_000)
    assert.equal((await alice.post('/api/clones', { preview: old.id })).status, 409)
    assert.equal((await alice.post('/api/clones', { preview: 'nosuchpreview' })).status, 404)
  })

  test('two operators at one resource of a node: the second is told', async () => {
    const request = { sourceNode: name(0), nodes: [1, 2].map(name), rollOut: { batch: 1, batchSleepSeconds: 30 } }
    const mine = await preview(request)
    const theirs = await preview({ sourceNode: name(0), nodes: [name(2)] }, bob)
    const apart = await preview({ sourceNode: name(0), nodes: [name(5)] }, bob)
    const first = await alice.post('/api/clones', { preview: mine.id })
    assert.equal(first.status, 200, first.text)
    const second = await bob.post('/api/clones', { preview: theirs.id })
    assert.deepEqual([second.status, second.body.code], [409, 'CONSOLE_CONFLICT'])
    assert.match(second.body.message, /alice is changing/)
    assert.equal((await clone(apart, bob)).counts.ok, 1)
    assert.equal((await alice.post(`/api/jobs/${first.body.id}/undo`, {})).status, 409)
    await alice.post(`/api/jobs/${first.body.id}/stop`, {})
    const stopped = await ended(first)
    assert.deepEqual([stopped.state, stopped.counts.ok, stopped.counts.notAddressed], ['stopped', 1, 1])
    assert.equal((await clone(theirs, bob)).counts.ok, 1)
    for (const index of [1, 2, 5]) {
      users(index).delete('gopher')
      groups(index).delete('gophers')
    }
  })

  test('no secret is in jobs, results, audit or the store, but sealed', async () => {
    const job = await clone(await preview({ sourceNode: name(0), nodes: [1, 3].map(name) }))
    const admin = await troupe.signedIn('root', 'administrator')
    const places = [
      ...[
        '/api/jobs?limit=200',
        `/api/jobs/${job.id}`,
        `/api/jobs/${job.id}/results?limit=1000`,
        '/api/audit?limit=500',
      ],
      `/api/jobs/${job.id}/export?format=json`,
    ]
    for (const path of places) {
      const { status, text } = await admin.get(path)
      assert.equal(status, 200, text)
      assert.doesNotMatch(text, /\$6\$/, path)
    }
    const kept = await troupe.store.befores.list(job.id)
    assert.ok(kept.length >= 2)
    assert.doesNotMatch(JSON.stringify(kept), /\$6\$/)
    assert.match(JSON.stringify(kept), /"sealed":"v1\./)
    await undo(job)
  })

  test('jobs that changed nothing of this kind cannot be undone', async () => {
    const call = await ended(
      await alice.post('/api/jobs', { kind: 'call', agent: 'rpcutil', action: 'ping', inputs: {}, nodes: [name(0)] }),
    )
    assert.equal((await alice.post(`/api/jobs/${call.id}/undo`, {})).status, 409)
    assert.equal((await alice.get(`/api/jobs/${call.id}/undo`)).status, 409)
    assert.equal((await alice.post('/api/jobs/nosuchjob/undo', {})).status, 404)
  })
})
