// What package managers print while they work, as progress: a few words and how much is done. Lines that say nothing of the kind are left out.
// apt has a file descriptor of its own for it; of the others it is read from what they print. [agents 12]

export type Progress = (text: string, percent?: number) => void

/** `pmstatus:hello:33.3333:Unpacking hello (amd64)` and `dlstatus:1:20:Retrieving file 1 of 2`, of APT::Status-Fd. */
export function aptProgress(progress: Progress): (line: string) => void {
  return (line) => {
    const [, percent, text] = /^(?:dl|pm)status:[^ ]*?:(\d{1,3}(?:\.\d+)?):(.+)$/.exec(line) ?? []
    if (percent !== undefined && text !== undefined) progress(text, Number(percent))
  }
}

/** `  Installing       : hello-1:1.0-1.noarch      1/2` and `(1/2): hello-2.0-1.noarch.rpm  1.0 MB/s | 20 kB  00:00`. */
export function dnfProgress(progress: Progress): (line: string) => void {
  return (line) => {
    const [, doing, what = '', at, all] = /^ {1,4}([A-Z][a-z ]{1,30}?) *: (\S*) +(\d+)\/(\d+) *$/.exec(line) ?? []
    if (doing !== undefined) return progress(`${doing} ${what}`.trim(), share(at, all))
    const [, file, files, name] = /^\((\d+)\/(\d+)\): (\S+)/.exec(line) ?? []
    if (name !== undefined) return progress(`Downloaded ${name}`, share(file, files))
    const [, repository] = /^(\S.{0,100}?) {2,}\d+(?:\.\d+)? .?B\/s \|/.exec(line) ?? []
    if (repository !== undefined) progress(`Fetched the list of ${repository}`)
  }
}

/** `Retrieving package hello-1.0-1.noarch (1/2), ...` and `(1/2) Installing: hello-1.0-1.noarch [..done]`. */
export function zypperProgress(progress: Progress): (line: string) => void {
  return (line) => {
    const [, package_, at, all] = /^Retrieving package (\S+) \((\d+)\/(\d+)\)/.exec(line) ?? []
    if (package_ !== undefined) return progress(`Retrieving ${package_}`, share(at, all))
    const [, done, of, doing, what] = /^\((\d+)\/(\d+)\) ([A-Z][a-z]+):? (\S+)/.exec(line) ?? []
    if (doing !== undefined) return progress(`${doing} ${what}`, share(done, of))
    const [, repository] = /^(?:Retrieving|Building) repository '([^']{1,100})'/.exec(line) ?? []
    if (repository !== undefined) progress(`Fetching the list of ${repository}`)
  }
}

/** How much is done while the `at`th of them is worked on. */
function share(at: string | undefined, all: string | undefined): number | undefined {
  const [done, of] = [Number(at), Number(all)]
  return of > 0 && done <= of ? ((done - 1) / of) * 100 : undefined
}
