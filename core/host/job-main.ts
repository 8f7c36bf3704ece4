// Entry of a job process under Node: serves one job on the channel to its parent and ends.
import type { FromJob, ToJob } from '../app/job/messages.ts'
// Not through the index: a job process needs neither the store nor the use cases around it.
import { serveJob } from '../app/job/worker.ts'

const send = (message: FromJob): void => {
  if (process.connected) process.send?.(message)
}

await serveJob({
  send,
  onMessage: (listener) => void process.on('message', (message) => listener(message as ToJob)),
  onClosed: (listener) => void process.on('disconnect', listener),
})
// The parent ends this process once it has read the result; without a parent there is nothing to wait for.
if (!process.connected) process.exit(0)
