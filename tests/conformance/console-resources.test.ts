// Browsing and comparing resources in the console, over real nodes.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ResourceRow, TypeFigures } from '../../src/console/api/resources.ts'
import { sampleNodes } from '../../src/setup/sample-nodes.ts'
import { type Answered, type Asker, startConsole, type TestConsole } from './console.ts'

let troupe: TestConsole
let alice: Asker
let victor: Asker
before(async () => {
  troupe = await startConsole({
    nodes: 9,
    config: (identity) => (identity === revealing() ? 'plugin.puppetral.reveal_sensitive = user=alice' : ''),
  })
  alice = await troupe.signedIn('alice', 'operator')
  victor = await troupe.signedIn('victor', 'viewer')
})
after(() => troupe.stop())

const names = (): string[] => troupe.nodes.map(({ identity }) => identity).sort()

/** The first emulated node has the user gopher, and shows its secrets to alice. */
function revealing(): string {
  return sampleNodes(1)[0]?.identity ?? ''
}

async function inspect(...types: string[]): Promise<void> {
  const { status, body, text } = await victor.post('/api/resources/inspect', { types, nodes: names() })
  assert.equal(status, 200, text)
  for (const { id } of body.jobs) await troupe.live.jobs.ended(id)
}

async function ask(path: string, body: object = {}, as: Asker = victor): Promise<Answered['body']> {
  const answer = await as.post(`/api/resources/${path}`, { nodes: names(), ...body })
  assert.equal(answer.status, 200, answer.text)
  return answer.body
}

describe('resources', () => {
  test('the summary names the types of the settings and says what was not inspected', async () => {
    const { types } = await ask('summary')
    assert.deepEqual(
      types.map(({ type }: TypeFigures) => type),
      ['group', 'host', 'package', 'service', 'user'],
    )
    for (const figures of types) assert.deepEqual([figures.notInspected, figures.similarity], [9, undefined])
  })

  test('inspecting is a job per type, which keeps counts and not the answers', async () => {
    const { status, body, text } = await victor.post('/api/resources/inspect', {
      types: ['user', 'group', 'package'],
      nodes: names(),
    })
    assert.equal(status, 200, text)
    assert.deepEqual(body.jobs.map(({ type }: { type: string }) => type).sort(), ['group', 'package', 'user'])
    for (const { id } of body.jobs) await troupe.live.jobs.ended(id)
    const { id } = body.jobs.find(({ type }: { type: string }) => type === 'user')
    const job = (await victor.get(`/api/jobs/${id}`)).body
    assert.deepEqual([job.kind, job.state, job.counts.ok, job.counts.targeted], ['inspect', 'done', 9, 9])
    assert.match(job.command, /^mco rpc puppetral search type=user( |$)/)
    const { results } = (await victor.get(`/api/jobs/${id}/results`)).body
    assert.deepEqual(Object.keys(results[0].data), ['resources'])
    const { types } = await ask('summary')
    const users = types.find(({ type }: TypeFigures) => type === 'user')
    assert.deepEqual([users.nodes, users.notInspected, users.unique], [9, 0, 5])
    assert.ok(users.similarity > 0 && users.job === undefined)
  })

  test('only nodes of which nothing is known are asked, when that is wanted; a type known of all has no job', async () => {
    const some = names().slice(0, 4)
    await inspect('host', 'service')
    troupe.live.inspector.book.forget(Number.MAX_SAFE_INTEGER)
    const inspected = async (types: string[], nodes: string[], onlyMissing: boolean) => {
      const { body } = await victor.post('/api/resources/inspect', { types, nodes, onlyMissing })
      for (const { id } of body.jobs) await troupe.live.jobs.ended(id)
      return body.jobs
    }
    await inspected(['host'], some, false)
    const [host, service] = await inspected(['host', 'service'], names(), true)
    const targeted = async ({ id }: { id: string }) => (await victor.get(`/api/jobs/${id}`)).body.counts.targeted
    assert.deepEqual([await targeted(host), await targeted(service)], [5, 9])
    assert.deepEqual(await inspected(['host', 'service'], names(), true), [])
  })

  test('rows are counted as the variants are, and outliers stand out', async () => {
    await inspect('user', 'package')
    const { rows, more } = await ask('user/list')
    assert.equal(more, 0)
    const gopher = rows.find(({ title }: ResourceRow) => title === 'gopher')
    assert.deepEqual([gopher.nodes, gopher.variants], [3, 1])
    const packages = (await ask('package/list')).rows
    const byOutlier = packages.toSorted((a: ResourceRow, b: ResourceRow) => b.outlier - a.outlier)
    assert.equal(byOutlier[0].title, 'openssl')
    for (const { title, nodes, variants } of packages) {
      const shown = await ask('package/variants', { title })
      assert.deepEqual([shown.found, shown.variants.length], [nodes, variants], title)
    }
  })

  test('variants show a group by name, hide ids and never a password', async () => {
    await inspect('user')
    const shown = await ask('user/variants', { title: 'gopher' })
    assert.deepEqual([shown.asked, shown.found, shown.absent.count], [9, 3, 6])
    const [{ properties, nodes, key }] = shown.variants
    assert.equal(properties.group, 'gophers')
    assert.equal(properties.password, '*****')
    assert.deepEqual(
      Object.keys(properties).filter((name) => ['uid', 'gid', 'groups'].includes(name)),
      [],
    )
    assert.deepEqual([shown.secret, shown.cloneable], [['password'], true])
    assert.equal(nodes.count, 3)
    assert.deepEqual((await ask('user/nodes', { title: 'gopher', variant: key })).nodes, nodes.first)
    assert.equal((await ask('user/nodes', { title: 'gopher', variant: 'absent' })).nodes.length, 6)
    assert.match(shown.command, /^mco rpc puppetral find type=user title=gopher/)
  })

  test('find asks the nodes, also for types nobody inspected and for what is not there', async () => {
    const motd = await ask('file/find', { title: '/etc/motd' })
    assert.deepEqual([motd.found, motd.variants.length, motd.cloneable], [9, 1, false])
    const none = await ask('user/find', { title: 'nobody-has-this' })
    assert.deepEqual([none.asked, none.found, none.absent.count, none.variants], [9, 0, 9, []])
    const unknown = await ask('nosuch/find', { title: 'x' })
    assert.deepEqual([unknown.failed.length, unknown.asked], [9, 0])
    assert.match(unknown.failed[0].reason, /no resource type nosuch/)
    const proto = await ask('user/find', { title: '__proto__' })
    assert.equal(proto.absent.count, 9)
  })

  test('one account has no more searches under way than jobs', async () => {
    const question = { title: '/etc/motd', nodes: ['nobody.example.com'] }
    const many = Array.from({ length: 25 }, () => victor.post('/api/resources/file/find', question))
    const statuses = (await Promise.all(many)).map(({ status }) => status)
    assert.deepEqual([...new Set(statuses)].sort(), [200, 429])
    assert.equal(statuses.filter((status) => status === 200).length, 10)
    const nodes = troupe.nodes.map(({ identity }) => identity)
    assert.equal((await victor.post('/api/resources/file/find', { ...question, nodes })).status, 200)
  })

  test('what find saw takes the place of what was inspected', async () => {
    await inspect('user')
    const deploy = troupe.nodes[0]?.resources.get('user')?.get('deploy')
    assert.ok(deploy)
    deploy.shell = '/bin/zsh'
    assert.equal((await ask('user/variants', { title: 'deploy' })).variants.length, 1)
    assert.equal((await ask('user/find', { title: 'deploy' })).variants.length, 2)
    const row = (await ask('user/list')).rows.find(({ title }: ResourceRow) => title === 'deploy')
    assert.deepEqual([row.nodes, row.variants], [9, 2])
    const { differing } = await ask('user/variants', { title: 'deploy' })
    assert.deepEqual(differing, ['shell'])
    deploy.shell = '/bin/bash'
  })

  test('titles are searched by glob or part, in any case, in what was inspected', async () => {
    await inspect('package')
    const titles = async (text: string): Promise<string[]> =>
      (await ask('package/search', { text })).rows.map(({ title }: ResourceRow) => title)
    assert.deepEqual(await titles('OPEN'), ['openssh-server', 'openssl'])
    assert.deepEqual(await titles('open*l'), ['openssl'])
    assert.deepEqual(await titles('?ash'), ['bash'])
  })

  test('two groups are compared by what the nodes have', async () => {
    await inspect('user')
    const [a, b, c] = troupe.nodes.map(({ identity }) => identity)
    const compare = async (left: unknown[], right: unknown[]) =>
      (await victor.post('/api/resources/user/compare', { left, right })).body
    const { onlyLeft, onlyRight, different, equal } = await compare([a], [b])
    assert.deepEqual([onlyLeft, onlyRight, different, equal], [['gopher'], [], [], 3])
    assert.equal((await compare([b], [c])).equal, 3)
    assert.deepEqual((await compare([a], ['ghost.example.com'])).notInspected.first, ['ghost.example.com'])
  })

  test('a silent node is named with the reason', async () => {
    const nodes = [...names(), 'ghost.example.com']
    const { body } = await victor.post('/api/resources/host/find', { title: 'localhost', nodes })
    assert.deepEqual(body.failed, [{ node: 'ghost.example.com', reason: 'no answer' }])
    assert.equal(body.found, 9)
  })

  test('a job, which everybody may read, reveals nothing', async () => {
    const job = { kind: 'call', agent: 'puppetral', action: 'find', nodes: [revealing()] }
    for (const as of [alice, victor]) {
      const inputs = { type: 'user', title: 'gopher', reveal: true }
      const { status, body } = await as.post('/api/jobs', { ...job, inputs })
      assert.deepEqual([status, Object.keys(body.fields)], [422, ['inputs.reveal']])
    }
  })

  test('a secret is revealed to whom the node lets see it, and that is recorded; nobody else', async () => {
    const question = { title: 'gopher', node: revealing(), property: 'password' }
    assert.equal((await victor.post('/api/resources/user/reveal', question)).status, 403)
    const shown = await alice.post('/api/resources/user/reveal', question)
    assert.deepEqual([shown.status, shown.body?.value], [200, '$6$salt$gopher'])
    const other = troupe.nodes[3]?.identity ?? ''
    const refused = await alice.post('/api/resources/user/reveal', { ...question, node: other })
    assert.deepEqual([refused.status, refused.body.code], [403, 'CONSOLE_NOT_ALLOWED'])
    assert.equal((await alice.post('/api/resources/user/reveal', { ...question, property: 'nosuch' })).status, 404)
    const admin = await troupe.signedIn('root', 'administrator')
    const { text, body } = await admin.get('/api/audit')
    assert.doesNotMatch(text, /\$6\$/)
    const entries = body.entries.filter(({ what }: { what: string }) => what === 'reveal')
    assert.deepEqual(
      entries.map(({ account, detail }: { account: string; detail: { node: string } }) => [account, detail.node]),
      [
        ['alice', revealing()],
        ['alice', other],
        ['alice', revealing()],
      ],
    )
  })

  test('types that are none, and no nodes, are refused', async () => {
    for (const types of [['User'], ['a b'], ['x;y'], []])
      assert.equal((await victor.post('/api/resources/inspect', { types, nodes: names() })).status, 422)
    assert.equal((await victor.post('/api/resources/inspect', { types: ['user'], nodes: [] })).status, 422)
  })
})
