// Loaded into a program that is to be profiled: SIGUSR2 begins recording its CPU time, another ends it and writes
// <pid>.cpuprofile into the directory of TROUPE_BENCH_PROFILE.

import { renameSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { join } from 'node:path'

const directory = process.env.TROUPE_BENCH_PROFILE
// What the program starts itself is not profiled.
delete process.env.NODE_OPTIONS

let session: Session | undefined

function toggle(): void {
  if (!session) {
    session = new Session()
    session.connect()
    session.post('Profiler.enable')
    session.post('Profiler.setSamplingInterval', { interval: 500 })
    session.post('Profiler.start')
    return
  }
  session.post('Profiler.stop', (error, stopped) => {
    if (error || directory === undefined) return
    const file = join(directory, `${process.pid}.cpuprofile`)
    writeFileSync(`${file}.new`, JSON.stringify(stopped.profile))
    renameSync(`${file}.new`, file)
  })
  session.disconnect()
  session = undefined
}

if (directory !== undefined) process.prependListener('SIGUSR2', toggle)
