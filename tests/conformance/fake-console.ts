// A web console that only says what a real one would, for screens of the command line.

import type { ConsoleLink, ConsoleProgram } from '../../src/cli/console-program.ts'

const URL = 'https://puppetmaster.example.com:4433'
const linkTo = (account?: string): ConsoleLink => ({
  url: `${URL}/sign-in#token=Yb5GKg7qy_Pw71Ttt6j2CpTvslfqaz6Cm2Ta_Jsa6ZQ`,
  minutes: 15,
  ...(account === undefined ? {} : { account }),
})

/** Ends as soon as it has begun. */
export const fakeConsole: ConsoleProgram = {
  async serve({ started }) {
    await started({
      ...{ url: URL, authorityFile: '/etc/puppetlabs/mcollective/ssl/ca.pem' },
      firstLink: async () => linkTo(),
    })
  },
  background: async () => ({
    pid: 4711,
    logFile: '/var/log/puppetlabs/mcollective/troupe-console.log',
    address: { url: URL, needsAccount: false },
  }),
  link: async (account) => linkTo(account),
}
