// Values pushed by one side and iterated by the other, in order, kept until they are taken. Every iteration starts at the first
// value, so that a call can be printed and stored at once.

export interface PushStream<T> extends AsyncIterable<T> {
  push(value: T): void
  end(): void
  /** Ends the stream with an error, thrown to the iterators after the values before it. */
  fail(error: unknown): void
}

export function createPushStream<T>(): PushStream<T> {
  const values: T[] = []
  let ended = false
  let failure: { error: unknown } | undefined
  let wake: () => void = () => {}
  let changed = new Promise<void>((resolve) => {
    wake = resolve
  })
  const signal = (): void => {
    const woken = wake
    changed = new Promise<void>((resolve) => {
      wake = resolve
    })
    woken()
  }
  return {
    push(value) {
      if (ended) return
      values.push(value)
      signal()
    },
    end() {
      ended = true
      signal()
    },
    fail(error) {
      failure = { error }
      ended = true
      signal()
    },
    async *[Symbol.asyncIterator]() {
      for (let i = 0; ; i++) {
        while (i >= values.length && !ended) await changed
        if (i >= values.length) break
        yield values[i] as T
      }
      if (failure) throw failure.error
    },
  }
}
