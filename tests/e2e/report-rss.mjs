// Loaded before a process of the command line under test: writes its peak resident memory to a file when it ends.
import { appendFileSync } from 'node:fs'

const file = process.env.AIRLOCK_TEST_RSS_FILE
if (file !== undefined) {
  process.on('exit', () => {
    appendFileSync(file, `${process.pid} ${process.resourceUsage().maxRSS * 1024}\n`)
  })
}
