// `npm run ready`: what CI runs after the installation, on every system; ends at the first step that fails.
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

const steps: readonly (readonly string[])[] = [
  ['run', '-s', 'lint'],
  ['run', '-s', 'typecheck'],
  ['run', '-s', 'test'],
  ['run', '-s', 'test:full'],
]

// npm tells where its own program lies; running that with this Node.js needs no shell, also on Windows.
const npm = process.env.npm_execpath
if (npm === undefined || !/\.[cm]?js$/.test(npm)) {
  process.stderr.write('Start this through npm: npm run ready\n')
  process.exit(2)
}

for (const step of steps) {
  const title = `npm ${step.join(' ')}`
  process.stdout.write(`\n== ${title} ==\n`)
  const root = resolve(import.meta.dirname, '..')
  const { status } = spawnSync(process.execPath, [npm, ...step], { cwd: root, stdio: 'inherit' })
  if (status === 0) continue
  process.stderr.write(`\nNot ready: ${title} failed.\n`)
  process.exit(status === null ? 1 : status)
}
process.stdout.write('\nReady.\n')
