import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { PATHS, summaryText } from '#puppet/agent/test-machine.ts'
import { RUBY_PUPPET, setUpPuppet } from '../test-puppet.ts'
import { createPuppetAgentAgent } from './puppet.ts'

const setUp = (options = {}) => setUpPuppet('puppet', createPuppetAgentAgent, options)
const NOW = 1_795_325_340
const FIXED = 'agent --onetime --no-daemonize --color=false --show_diff --verbose'

describe('puppet [agents 10.3]', () => {
  test('has a handler for every action of its DDL, and the labels and summaries of the original', () => {
    const { agent } = setUp()
    assert.deepEqual(Object.keys(agent.actions).sort(), agent.ddl.actions.map(({ name }) => name).sort())
    const status = agent.ddl.actions.find(({ name }) => name === 'status')
    assert.deepEqual(
      status?.aggregates.map((one) => `${one.function}(${one.output})`),
      [
        'boolean_summary(enabled)',
        'boolean_summary(daemon_present)',
        'summary(applying)',
        'summary(status)',
        'summary(idling)',
      ],
    )
    assert.equal(status?.outputs.find(({ name }) => name === 'disable_message')?.displayAs, 'Lock Message')
  })

  test('status: stopped, idling, applying, disabled', async () => {
    const { ask, machine } = setUp()
    machine.write(PATHS.summary, summaryText(NOW - 161))
    assert.deepEqual((await ask('status')).data, {
      ...{ applying: false, idling: false, starting: false, enabled: true, daemon_present: false },
      ...{ lastrun: NOW - 161, since_lastrun: 161, status: 'stopped', disable_message: '' },
      message: 'Currently stopped; last completed run 2 minutes 41 seconds ago',
    })
    machine.write(PATHS.pid, '7')
    machine.processes.set(7, RUBY_PUPPET)
    assert.deepEqual([(await ask('status')).data.status, (await ask('status')).data.idling], ['idling', true])
    machine.write(PATHS.running, '7')
    const applying = (await ask('status')).data
    assert.deepEqual([applying.status, applying.applying, applying.idling], ['applying a catalog', true, false])
    machine.write(PATHS.disabled, '{"disabled_message":"why"}')
    const disabled = (await ask('status')).data
    assert.deepEqual([disabled.status, disabled.disable_message, disabled.enabled], ['disabled', 'why', false])
  })

  test('status of a node on which Puppet never ran [B-029]', async () => {
    assert.equal((await setUp().ask('status')).data.message, 'Currently stopped; never ran')
  })

  test('enable and disable fill `enabled`, also when they refuse', async () => {
    const { ask, machine } = setUp()
    const first = await ask('disable', { message: 'because' })
    assert.deepEqual(first.data, { status: 'Successfully locked the Puppet agent: because', enabled: false })
    const again = await ask('disable')
    assert.deepEqual([again.code, again.message], [1, 'Could not disable Puppet: Already disabled'])
    assert.equal(again.data.enabled, false)
    assert.deepEqual((await ask('enable')).data, { status: 'Successfully enabled the Puppet agent', enabled: true })
    assert.equal((await ask('enable')).message, 'Could not enable Puppet: Already enabled')
    await ask('disable')
    assert.match(
      machine.files.get(PATHS.disabled)?.text ?? '',
      /Disabled via MCollective by uid=500 at 20\d\d-\d\d-\d\d \d\d:\d\d/,
    )
  })

  test('runonce: options to words, splay as asked, as configured, or none when forced', async () => {
    const { ask, started } = setUp()
    const { data } = await ask('runonce', { noop: true, tags: 'a,b', environment: 'testing' })
    const command = `puppet ${FIXED} --tags a,b --splay --splaylimit 30 --noop --environment testing`
    assert.deepEqual(data, { summary: `Started a Puppet run using the '${command}' command`, initiated_at: NOW })
    await ask('runonce', { force: true, ignoreschedules: 'true', use_cached_catalog: true })
    await ask('runonce', { splay: false })
    await ask('runonce', { splaylimit: 5 }, { 'puppet.splay': 'false' })
    await ask('runonce', {}, { 'puppet.splay': 'false' })
    assert.deepEqual(started().slice(1), [
      `${FIXED} --no-splay --ignoreschedules --use_cached_catalog`,
      `${FIXED} --no-splay`,
      `${FIXED} --splay --splaylimit 5`,
      `${FIXED} --no-splay`,
    ])
  })

  test('runonce: another server only where the configuration allows it [M-049]', async () => {
    const { ask, started } = setUp()
    const refused = await ask('runonce', { server: 'puppet.example.com:8141' })
    assert.deepEqual(
      [refused.code, refused.message],
      [1, "Passing 'server' option is not allowed in module configuration"],
    )
    await ask('runonce', { server: 'puppet.example.com:8141', force: true }, { 'puppet.allow_server_override': '1' })
    assert.deepEqual(started(), [`${FIXED} --no-splay --server puppet.example.com --serverport 8141`])
  })

  test('runonce refuses while disabled or applying', async () => {
    const { ask, machine } = setUp()
    machine.write(PATHS.disabled, '{"disabled_message":"my reason"}')
    assert.equal((await ask('runonce')).message, "Puppet is disabled: 'my reason'")
    machine.write(PATHS.disabled, '')
    assert.equal((await ask('runonce')).message, 'Puppet is disabled')
    machine.files.delete(PATHS.disabled)
    machine.write(PATHS.running, '7')
    machine.processes.set(7, RUBY_PUPPET)
    const { code, message } = await ask('runonce')
    assert.deepEqual([code, message], [1, 'Puppet is currently applying a catalog, cannot run now'])
  })

  test('runonce tells the daemon, which takes no options, unless configured otherwise [M-049]', async () => {
    const { ask, machine, started } = setUp()
    machine.write(PATHS.pid, '7')
    machine.processes.set(7, RUBY_PUPPET)
    assert.equal((await ask('runonce', { force: true })).data.summary, 'Signalled the running Puppet Daemon')
    assert.deepEqual(machine.signals, ['SIGUSR1 7'])
    assert.deepEqual(
      [(await ask('runonce', { noop: false })).message, started()],
      ['Cannot specify any custom puppet options when the daemon is running', []],
    )
    await ask('runonce', { noop: false, force: true }, { 'puppet.signal_daemon': 'false' })
    assert.deepEqual(started(), [`${FIXED} --no-splay --no-noop`])
  })

  test('last_run_summary: counts, types, and log lines on request; nothing ran is all zero', async () => {
    const { ask, machine } = setUp()
    const never = (await ask('last_run_summary')).data
    assert.deepEqual([never.total_resources, never.lastrun, never.logs], [0, 0, []])
    machine.write(PATHS.summary, summaryText(NOW - 60, 'changed: 1\n  corrective_change: 2\n  failed: 3\n  total: 8'))
    machine.write(PATHS.resources, 'file[/a]\nfile[/b]\napache::vhost[x]\n')
    machine.write(
      PATHS.report,
      "--- !ruby/object:Puppet::Transaction::Report\nlogs:\n- level: notice\n  message: hi\n  source: Puppet\n  time: '2026-11-22T05:17:26+00:00'\nmetrics: {}\n",
    )
    const { data } = await ask('last_run_summary', { logs: true })
    assert.deepEqual(
      [
        data.changed_resources,
        data.corrected_resources,
        data.failed_resources,
        data.out_of_sync_resources,
        data.since_lastrun,
      ],
      [1, 2, 3, 0, 60],
    )
    assert.deepEqual({ ...(data.type_distribution as object) }, { File: 2, 'Apache::Vhost': 1 })
    const at = Date.parse('2026-11-22T05:17:26Z') / 1000
    assert.deepEqual(data.logs, [{ time_utc: at, time: at, level: 'notice', source: 'Puppet', msg: 'hi' }])
    assert.equal(data.config_version, 1795324648)
  })
})

describe('puppet.resource [agents 10.3, M-049]', () => {
  const allowed = { 'puppet.resource_type_whitelist': 'file, service' }
  const report = (status: string, logs = ''): string =>
    `logs:\n${logs}- level: notice\n  message: Applied catalog in 0.02 seconds\n  source: Puppet\nresource_statuses:\n  File[/tmp/x]:\n${status}`
  const changed = report(
    '    failed: false\n    changed: true\n    events: []\n',
    '- level: notice\n  message: created\n  source: /File[/tmp/x]/ensure\n',
  )

  function answering(text: string) {
    const puppet = setUp()
    const { run } = puppet.machine
    let stdin = ''
    puppet.machine.run = async (argv, options) => {
      if (argv[1] === 'apply') {
        stdin = options.stdin ?? ''
        if (text !== '') puppet.machine.write('/private/report.yaml', text)
      }
      return run(argv, options)
    }
    return { ...puppet, catalog: () => JSON.parse(stdin) }
  }

  test('is refused by its lists', async () => {
    const { ask } = setUp()
    const why = async (data: Record<string, string>, settings: Record<string, string>) => {
      const { code, message } = await ask('resource', data, settings)
      assert.equal(code, 1)
      return message
    }
    const file = { type: 'file', name: '/tmp/x' }
    assert.equal(await why({ type: 'exec', name: 'id' }, {}), 'The exec type is not listed in the type whitelist')
    assert.equal(await why({ type: 'Exec', name: 'id' }, allowed), 'The exec type is not listed in the type whitelist')
    assert.equal(
      await why(file, { 'puppet.resource_type_whitelist': 'none' }),
      'The file type is not listed in the type whitelist',
    )
    assert.equal(
      await why(file, { 'puppet.resource_type_blacklist': 'file' }),
      'The file type is listed in the type blacklist',
    )
    assert.match(await why(file, { ...allowed, 'puppet.resource_type_blacklist': 'x' }), /cannot specify both/)
    assert.match(
      await why(file, { ...allowed, 'puppet.resource_name_whitelist.file': '/a,/b' }),
      /not listed in the file name whitelist/,
    )
    assert.match(
      await why(file, { ...allowed, 'puppet.resource_name_blacklist.file': '/tmp/x' }),
      /listed in the file name blacklist/,
    )
  })

  test('is refused when Puppet manages it, whatever the case, unless configured otherwise', async () => {
    const { ask, machine } = answering(changed)
    machine.write(PATHS.resources, 'file[/tmp/x]\n')
    const refused = await ask('resource', { type: 'File', name: '/tmp/X' }, allowed)
    assert.equal(
      refused.message,
      "Puppet is managing the resource 'File[/tmp/X]', refusing to create conflicting states",
    )
    const settings = { ...allowed, 'puppet.resource_allow_managed_resources': 'true' }
    assert.equal((await ask('resource', { type: 'file', name: '/tmp/x' }, settings)).code, 0)
  })

  test('goes to Puppet as data, away from its own files, and says what was done [A7]', async () => {
    const { ask, machine, catalog } = answering(changed)
    const hostile = "x'; rm -rf / \n`id` $(id) é"
    const { data } = await ask(
      'resource',
      { type: 'file', name: '/tmp/x', content: hostile, process_results: true },
      allowed,
    )
    assert.deepEqual(data, { result: 'created', changed: true })
    const [resource] = catalog().resources
    assert.deepEqual([resource.type, resource.title, resource.parameters], ['File', '/tmp/x', { content: hostile }])
    const words = machine.commands.at(-1) ?? []
    for (const option of ['--lastrunfile', '--lastrunreport', '--statefile', '--transactionstorefile'])
      assert.match(words[words.indexOf(option) + 1] ?? '', /^\/private\//)
    assert.equal(
      words.some((word) => word.includes('rm -rf')),
      false,
    )
    assert.equal(machine.files.has('/private/report.yaml'), false, 'nothing is left behind')
  })

  test('no output, failures, unknown types and a Puppet that breaks down', async () => {
    const file = { type: 'file', name: '/tmp/x' }
    const calm = answering(report('    failed: false\n    changed: false\n    events: []\n'))
    assert.deepEqual((await calm.ask('resource', file, allowed)).data, { result: 'no output produced', changed: false })
    const failing = answering(
      report('    failed: true\n    changed: false\n    events:\n    - status: failure\n      message: no way\n'),
    )
    const failed = await failing.ask('resource', file, allowed)
    assert.deepEqual([failed.code, failed.message], [1, 'Failed to apply File[/tmp/x]: no way'])
    const unknown = await answering('logs: []\nresource_statuses: {}\n').ask('resource', file, allowed)
    assert.deepEqual([unknown.code, unknown.message], [1, 'Failed to apply File[/tmp/x]: Could not find type file'])
    const broken = await answering('').ask('resource', file, allowed)
    assert.match(broken.message, /^Failed to apply File\[\/tmp\/x\]: puppet apply ended with status/)
  })

  test('properties are checked, since no DDL knows them', async () => {
    const { ask } = answering(changed)
    for (const data of [{ 'a b': 'x' }, { Ensure: 'x' }, { content: { a: 1 } }]) {
      assert.equal((await ask('resource', { type: 'file', name: '/tmp/x', ...data }, allowed)).code, 4)
    }
  })

  test('last_run_report: what changed, the log and the times; without a report it says so', async () => {
    const { ask, machine } = setUp()
    const none = await ask('last_run_report')
    assert.match(String(none.message), /There is no report/)
    machine.write(
      PATHS.report,
      'status: changed\nlogs:\n- level: notice\n  message: hi\n  source: Puppet\nmetrics:\n  time:\n    values:\n    - - file\n      - File\n      - 0.5\nresource_statuses:\n  File[/a]:\n    changed: true\n    events:\n    - property: mode\n      status: success\n      message: changed\n',
    )
    const { data } = await ask('last_run_report')
    assert.deepEqual([data.status, data.more_events, data.metrics], ['changed', 0, [{ name: 'file', seconds: 0.5 }]])
    const event = {
      resource: 'File[/a]',
      property: 'mode',
      status: 'success',
      message: 'changed',
      old: '',
      new: '',
      time: 0,
    }
    assert.deepEqual(data.events, [event])
    assert.deepEqual(data.logs, [{ time: 0, level: 'notice', source: 'Puppet', msg: 'hi' }])
  })
})
