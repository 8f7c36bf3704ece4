// `npm test` and `npm run test:full`: type check first (fast, catches most breakage), then the test suites.
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const full = process.argv.includes('--full')
const filters = process.argv.slice(2).filter((a) => a !== '--full')

function run(script: string, args: string[]): number {
  const env = { ...process.env, AIRLOCK_TEST_FULL: full ? '1' : '0' }
  const done = spawnSync(process.execPath, [resolve(root, script), ...args], { cwd: root, stdio: 'inherit', env })
  return done.status ?? 1
}

const types = run('node_modules/typescript/bin/tsc', ['--noEmit'])
if (types !== 0) {
  process.stdout.write('\nThe type check failed; no test was run.\n0 passed, 1 failed\n')
  process.exit(1)
}
process.exit(run('node_modules/vitest/vitest.mjs', ['run', ...filters]))
