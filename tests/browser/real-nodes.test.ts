// The console's pages over real nodes: hosts with mcollectived and Puppet, a console that is a process of its own, Chromium in their network.
// The acceptance walk of Live Management as far as it needs real machines, and what happens when parts of it are killed. [live 12]

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { LabHost } from '../../lab/lab.ts'
import { PASSWORD } from '../conformance/console.ts'
import { counterSays, heading, signIn } from './open-browser.ts'
import { preparePuppet } from './puppet-without-server.ts'
import { DB, HOSTS, LIBDIR, MASTER, type RealNodes, startRealNodes, WEB } from './real-nodes.ts'

const LAST_RUN = '/var/cache/puppet/public/last_run_summary.yaml'

const ddl = (name: string, timeout: number, action: string, input = ''): string => `metadata :name => "${name}",
  :description => "For a test", :author => "Troupe", :license => "Apache-2.0", :version => "1.0.0",
  :url => "https://example.com/", :timeout => ${timeout}

action "${action}", :description => "Does it" do
  display :always
${input}
  output :answer, :description => "What it says", :display_as => "Answer"
end
`
const MESSAGE = `  input :message, :prompt => "Message", :description => "What to say", :type => :string,
    :validation => '^\\w[\\w ]*$', :optional => false, :maxlength => 40
`

let real: RealNodes
before(async () => {
  real = await startRealNodes(async (host) => {
    await preparePuppet(host)
    await host.writeFile(`${LIBDIR}/patient.ddl`, ddl('patient', 12, 'wait'))
    // Ends when the host has the file.
    await host.writeFile(
      `${LIBDIR}/patient.mjs`,
      `import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
export default { actions: { async wait() { while (!existsSync('/run/go')) await sleep(50); return { answer: 'gone' } } } }
`,
    )
    if (host.name === WEB) {
      await host.run(['groupadd', '--gid', '4711', 'gophers'])
      await host.run([
        'useradd',
        '--uid',
        '4711',
        '--groups',
        'gophers',
        '--comment',
        'Gopher',
        '--shell',
        '/bin/sh',
        'gopher',
      ])
    }
  })
})
after(() => real?.close())

const host = (name: string): LabHost => real.lab.host(name)

async function openRow(page: Page, action: string): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^${action}(\\.\\.\\.)?[^\\w_]`) }).click()
}

/** Runs what is in the open row, and waits until every node is accounted for. */
async function runOn(page: Page, nodes: string): Promise<void> {
  await page
    .getByRole('main')
    .getByRole('button', { name: `Run on ${nodes}` })
    .click()
  const dialog = page.getByRole('dialog')
  const results = page.getByRole('heading', { level: 1, name: /^(Running|Results for) / })
  await dialog.or(results).first().waitFor()
  if (await dialog.isVisible()) await dialog.getByRole('button', { name: `Run on ${nodes}` }).click()
  await results.waitFor()
}

const ended = (page: Page): Promise<void> => heading(page, /^Results for /)
/** The block of equal answers that holds these words. */
const block = (page: Page, text: string | RegExp) =>
  page.getByRole('list', { name: 'Groups of equal answers' }).getByRole('listitem').filter({ hasText: text }).first()

test('first account: by a link that works once, without any default password [live 12.1]', async () => {
  const link = new URL(await real.link())
  const { page, complaints, accessible } = await real.window({ path: link.pathname + link.hash })
  await page.getByText('Choose a name and a password').waitFor()
  assert.equal(new URL(page.url()).hash, '', 'the secret does not stay in the address')
  await accessible()
  await page.getByLabel('Name').fill('alice')
  await page.getByLabel('Password', { exact: true }).fill('short')
  await page.getByLabel('Password again').fill('short')
  await page.getByRole('button', { name: 'Make the account' }).click()
  await page.getByText('5 characters; it takes at least 12.').waitFor()
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByLabel('Password again').fill(PASSWORD)
  await page.getByRole('button', { name: 'Make the account' }).click()
  await heading(page, 'Overview')
  await page.getByRole('link', { name: 'Live Management' }).click()
  await counterSays(page, '3 of 3 nodes selected (100.0%)')
  assert.deepEqual(complaints, [])
  const again = await real.window({ path: link.pathname + link.hash })
  await again.page.getByRole('alert').waitFor()
})

test('one-time link: lets somebody in who lost the password, and set a new one', async () => {
  const link = new URL(await real.link('alice'))
  const { page } = await real.window({ path: link.pathname + link.hash })
  await page.getByRole('button', { name: 'Account alice' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
  await signIn(page, 'alice')
})

test('Control Puppet: one node disabled with a reason, runs on all: that one says why it refuses [live 12.6]', async () => {
  const { page, complaints, accessible } = await real.window({ path: '/puppet?name=web1*', account: 'alice' })
  await counterSays(page, '1 of 3')
  await openRow(page, 'disable')
  await page.getByLabel('Message').fill('kernel update, ask Bob')
  await runOn(page, '1 node')
  await ended(page)
  assert.match(
    await host(WEB).run(['sh', '-c', 'cat /var/cache/puppet/state/agent_disabled.lock']),
    /kernel update, ask Bob/,
  )

  await page.getByRole('button', { name: 'Return to action list' }).click()
  await page.getByRole('button', { name: 'Reset filter' }).click()
  await counterSays(page, '3 of 3')
  await openRow(page, 'runonce')
  await runOn(page, '3 nodes')
  await ended(page)
  await block(page, 'kernel update, ask Bob').waitFor()
  await block(page, 'on 2 nodes').waitFor()
  await accessible()

  await page.getByRole('button', { name: 'Return to action list' }).click()
  await openRow(page, 'status')
  await runOn(page, '3 nodes')
  await ended(page)
  await block(page, 'Disabled: kernel update, ask Bob').getByRole('button', { name: 'on 1 node' }).click()
  await page.getByRole('main').getByRole('link', { name: WEB, exact: true }).waitFor()
  // Puppet itself did what its catalog says, where it was enabled, and nowhere else.
  await real.until(`Puppet has run on ${DB}`, async () => (await host(DB).exec(['test', '-s', LAST_RUN])).code === 0)
  assert.equal(await host(DB).run(['cat', '/tmp/helloworld']), 'Hello from Puppet\n')
  assert.notEqual((await host(WEB).exec(['test', '-e', '/tmp/helloworld'])).code, 0)

  await page.goto('/puppet?name=web1*')
  await counterSays(page, '1 of 3')
  await openRow(page, 'enable')
  await runOn(page, '1 node')
  await ended(page)
  assert.notEqual((await host(WEB).exec(['test', '-e', '/var/cache/puppet/state/agent_disabled.lock'])).code, 0)
  assert.deepEqual(complaints, [])
})

test('Advanced Tasks: a required argument left empty is refused beside its field, nothing is sent [live 12.7]', async () => {
  const { page, complaints, accessible } = await real.window({ path: '/tasks/rpcutil', account: 'alice' })
  await counterSays(page, '3 of 3')
  await openRow(page, 'get_fact')
  const field = page.getByLabel(/The name of the fact/)
  await page.getByRole('button', { name: 'Run on 3 nodes' }).click()
  await page.getByText('Is required', { exact: true }).waitFor()
  assert.equal(await field.getAttribute('aria-invalid'), 'true')
  await accessible()
  await field.fill('no such fact!')
  await page
    .getByText(/^Must match|^must match/i)
    .last()
    .waitFor()
  await field.fill('role')
  await runOn(page, '3 nodes')
  await ended(page)
  await block(page, 'puppetmaster').waitFor()
  await block(page, 'web').getByRole('button', { name: 'on 1 node' }).click()
  await page.getByRole('main').getByRole('link', { name: WEB, exact: true }).waitFor()
  assert.deepEqual(complaints, [])
})

test('Advanced Tasks: an agent dropped into libdir appears and runs without a restart of anything [live 12.7, R-099]', async () => {
  const { page, complaints } = await real.window({ path: '/tasks', account: 'alice' })
  await heading(page, 'Summary of all advanced tasks')
  assert.equal(await page.getByRole('main').getByRole('link', { name: 'greet', exact: true }).count(), 0)
  for (const one of real.lab.hosts) {
    await one.writeFile(`${LIBDIR}/greet.ddl`, ddl('greet', 10, 'say', MESSAGE))
    const code =
      "export default { actions: { say: (call, node) => ({ answer: [node.identity, 'got', call.data.message].join(' ') }) } }\n"
    await one.writeFile(`${LIBDIR}/greet.mjs`, code)
  }
  assert.match((await real.collective.mco('mco controller reload_agents')).stdout, /3/)
  await page.getByRole('link', { name: 'Control Puppet' }).click()
  await page.reload()
  await page.getByRole('link', { name: 'Advanced Tasks' }).click()
  await page.getByRole('main').getByRole('link', { name: 'greet', exact: true }).click()
  await heading(page, 'greet task')
  await openRow(page, 'say')
  await page.getByLabel(/Message/).fill('good morning')
  await runOn(page, '3 nodes')
  await ended(page)
  for (const name of HOSTS) await block(page, `${name} got good morning`).waitFor()
  assert.deepEqual(complaints, [])
})

test('a user is cloned from one host to another with its group, is in /etc/passwd there, and is gone after undo [live 12.5]', async () => {
  const { page, complaints, accessible } = await real.window({
    path: '/resources/user/find?title=gopher',
    account: 'alice',
  })
  const main = page.getByRole('main')
  await main.getByText(/We found 1 node with user gopher.*absent on 2/).waitFor()
  await main.getByRole('button', { name: 'Clone resource', exact: true }).click()
  await page.getByRole('heading', { name: 'Cloning user: gopher' }).waitFor()
  await page.getByLabel('Node filter').fill('db*')
  await page.keyboard.press('Enter')
  await counterSays(page, '1 of 3')
  await page.getByRole('button', { name: 'Preview' }).click()
  await main.getByText('1 creation', { exact: true }).first().waitFor()
  await main.getByRole('region', { name: 'Cloned before it' }).getByText('gophers').waitFor()
  await accessible()
  assert.notEqual((await host(DB).exec(['getent', 'passwd', 'gopher'])).code, 0, 'a preview changes nothing')
  await page.getByRole('button', { name: 'Clone', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Clone to 1 node' }).click()
  await main.getByText('1 success', { exact: true }).waitFor()
  await accessible()
  const passwd = await host(DB).run(['grep', '^gopher:', '/etc/passwd'])
  assert.match(passwd, /^gopher:x:\d+:\d+:Gopher:\/home\/gopher:\/bin\/sh\n$/)
  assert.match(await host(DB).run(['grep', '^gophers:', '/etc/group']), /gopher$/m)
  assert.notEqual((await host(MASTER).exec(['getent', 'passwd', 'gopher'])).code, 0, 'nobody else is touched')

  await main.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Put back what was before' }).click()
  await heading(page, /undo/i)
  await page.getByText('1 / 1 answered').waitFor()
  assert.notEqual((await host(DB).exec(['grep', '-E', '^gophers?:', '/etc/passwd', '/etc/group'])).code, 0)
  assert.equal(await host(WEB).run(['id', '-un', 'gopher']), 'gopher\n')
  assert.deepEqual(complaints, [])
})

test('a node killed in mid-job: it is named as silent, the rest complete [live 12.8]', async () => {
  const { page, complaints, accessible } = await real.window({ path: '/tasks/patient/wait', account: 'alice' })
  await counterSays(page, '3 of 3')
  await runOn(page, '3 nodes')
  await page.getByText('0 / 3 answered').waitFor()
  await accessible()
  await real.kill(DB, 'mcollectived')
  for (const name of [MASTER, WEB]) await host(name).writeFile('/run/go', '')
  await page.getByText('2 / 3 answered').waitFor()
  await ended(page)
  await block(page, 'gone').getByRole('button', { name: 'on 2 nodes' }).waitFor()
  await block(page, /^on 1 node.*No answer/)
    .getByRole('button', { name: 'on 1 node' })
    .click()
  await page.getByRole('main').getByRole('link', { name: DB, exact: true }).waitFor()
  await accessible()
  await real.collective.startNode(DB)
  assert.deepEqual(complaints, [])
})

test('the broker goes: a banner says so; it comes back: so do the nodes', async () => {
  const { page } = await real.window({ path: '/puppet', account: 'alice' })
  await counterSays(page, '3 of 3')
  await real.kill(MASTER, 'broker')
  await page.getByText('The console does not reach the nodes.').waitFor()
  await real.startBroker()
  await page.getByText('The console does not reach the nodes.').waitFor({ state: 'detached', timeout: 60_000 })
  await real.until(
    'all nodes are back',
    async () => (await real.collective.mco('mco find')).stdout.trim().split('\n').length === 3,
  )
  await openRow(page, 'status')
  await runOn(page, '3 nodes')
  await page.getByText('3 / 3 answered').waitFor()
})

test('the console is killed in mid-job: it comes back knowing what was answered and what is unknown', async () => {
  for (const name of [WEB, DB]) await host(name).exec(['rm', '-f', '/run/go'])
  const { page } = await real.window({ path: '/tasks/patient/wait', account: 'alice' })
  await counterSays(page, '3 of 3')
  await runOn(page, '3 nodes')
  await page.getByText('1 / 3 answered').waitFor()
  await real.killConsole()
  await page.getByText('The console does not answer.', { exact: true }).waitFor()
  await real.startConsole()
  await page.getByText('The console does not answer.', { exact: true }).waitFor({ state: 'detached', timeout: 60_000 })
  await page.getByText('The console ended in the middle of this job.').waitFor()
  await block(page, 'Unknown on 2 nodes').waitFor()
  await block(page, 'gone').getByRole('button', { name: 'on 1 node' }).waitFor()
})
