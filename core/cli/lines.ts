import type { CancelToken } from '../kit/cancel.ts'

/**
 * Lines of standard input until its end, an empty line, or a request to stop; the request is noticed even while
 * nobody types. `ask` is called before each line.
 */
export async function* questions(
  input: AsyncIterable<Uint8Array | string>,
  cancel: CancelToken,
  ask: () => void,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder()
  const chunks = input[Symbol.asyncIterator]()
  let buffer = ''
  let ended = false
  ask()
  for (;;) {
    const at = buffer.indexOf('\n')
    if (at >= 0 || (ended && buffer !== '')) {
      const line = (at >= 0 ? buffer.slice(0, at) : buffer).replace(/\r$/, '')
      buffer = at >= 0 ? buffer.slice(at + 1) : ''
      if (line.trim() === '') return
      yield line
      ask()
      continue
    }
    if (ended || cancel.requested) return
    const next = await nextOrCancel(chunks, cancel)
    if (next === null) return
    if (next.done === true) ended = true
    else buffer += typeof next.value === 'string' ? next.value : decoder.decode(next.value, { stream: true })
  }
}

/** The next chunk, or null as soon as the job is asked to stop. */
async function nextOrCancel<T>(chunks: AsyncIterator<T>, cancel: CancelToken): Promise<IteratorResult<T> | null> {
  let timer: ReturnType<typeof setInterval> | undefined
  const stopped = new Promise<null>((resolve) => {
    timer = setInterval(() => cancel.requested && resolve(null), 50)
  })
  try {
    return await Promise.race([chunks.next(), stopped])
  } finally {
    clearInterval(timer)
  }
}
