// A service to start and stop in a host of a lab: a real init script, as Debian's packages have them, of a process that only sleeps.

import type { LabHost } from './lab.ts'

/** e.g. `addService(host, 'sshd')`: /etc/init.d/sshd, stopped. `stop`: another way to stop it than to end its process. */
export async function addService(
  host: LabHost,
  name: string,
  { stop }: { readonly stop?: string } = {},
): Promise<void> {
  const pidFile = `/run/${name}.pid`
  const end = stop ?? `start-stop-daemon --stop --quiet --oknodo --retry 5 --pidfile ${pidFile}`
  const script = `#!/bin/sh
. /lib/lsb/init-functions
case "$1" in
  start) start-stop-daemon --start --quiet --background --make-pidfile --pidfile ${pidFile} --exec /usr/bin/sleep -- infinity ;;
  stop) ${end} ;;
  restart) $0 stop; $0 start ;;
  status) status_of_proc -p ${pidFile} /usr/bin/sleep ${name} ;;
  *) echo "Usage: $0 {start|stop|restart|status}" >&2; exit 3 ;;
esac
`
  await host.writeFile(`/etc/init.d/${name}`, script, { mode: 0o755 })
}
