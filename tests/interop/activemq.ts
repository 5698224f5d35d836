// Starts the real ActiveMQ of Debian on a random loopback port, without persistence, with one account.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensurePackage } from '../debian-package.ts'
import { type RealBroker, startDaemon } from './real-broker.ts'

const HOME = '/usr/share/activemq'
const JAR = `${HOME}/bin/activemq.jar`

function configuration(): string {
  const entries = ['mcollective', 'eu_collective'].flatMap((collective) =>
    ['topic', 'queue'].map(
      (kind) => `<authorizationEntry ${kind}="${collective}.>" read="mco" write="mco" admin="mco"/>`,
    ),
  )
  return `<beans xmlns="http://www.springframework.org/schema/beans"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.springframework.org/schema/beans
  http://www.springframework.org/schema/beans/spring-beans-2.0.xsd http://activemq.apache.org/schema/core
  http://activemq.apache.org/schema/core/activemq-core.xsd">
  <broker xmlns="http://activemq.apache.org/schema/core" brokerName="interop" persistent="false" useJmx="false">
    <plugins>
      <simpleAuthenticationPlugin><users>
        <authenticationUser username="mcollective" password="marionette" groups="mco"/>
      </users></simpleAuthenticationPlugin>
      <authorizationPlugin><map><authorizationMap><authorizationEntries>
        ${entries.join('\n        ')}
        <authorizationEntry topic="ActiveMQ.Advisory.>" read="mco" write="mco" admin="mco"/>
      </authorizationEntries></authorizationMap></map></authorizationPlugin>
    </plugins>
    <transportConnectors><transportConnector name="stomp" uri="stomp://127.0.0.1:0"/></transportConnectors>
  </broker>
</beans>
`
}

const LOGGING = `log4j.rootLogger=WARN, out
log4j.logger.org.apache.activemq.broker.TransportConnector=INFO
log4j.logger.org.apache.activemq.transport.TransportServerThreadSupport=INFO
log4j.logger.org.apache.activemq.broker.BrokerService=INFO
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%m%n
`

export async function startActiveMq(): Promise<RealBroker> {
  ensurePackage('activemq', JAR)
  const base = mkdtempSync(join(tmpdir(), 'troupe-activemq-'))
  writeFileSync(join(base, 'activemq.xml'), configuration())
  writeFileSync(join(base, 'log4j.properties'), LOGGING)
  const settings = {
    'activemq.home': HOME,
    'activemq.base': base,
    'activemq.conf': base,
    'activemq.data': base,
    'log4j.configuration': `file:${base}/log4j.properties`,
  }
  const daemon = await startDaemon(
    'java',
    [
      ...['-Xms32m', '-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
      ...Object.entries(settings).map(([name, value]) => `-D${name}=${value}`),
      ...['-jar', JAR, 'start', `xbean:file:${base}/activemq.xml`],
    ],
    process.env,
    /Listening for connections at: stomp:\/\/[\w.-]+:(\d+)/,
  )
  return {
    port: Number(daemon.match[1]),
    user: 'mcollective',
    password: 'marionette',
    async stop() {
      await daemon.stop()
      rmSync(base, { recursive: true, force: true })
    },
  }
}
