import type { Reporter, TestModule } from 'vitest/node'

/** Closes a test run with one plain line, `N passed, N failed`, that any script can read. */
export default class PlainReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const state = test.result().state
        if (state === 'passed') count.passed++
        else if (state === 'failed') count.failed++
        else count.skipped++
      }
      // A file that fails while loading holds no tests, and must still count as a failure.
      if (module.state() === 'failed' && ![...module.children.allTests('failed')].length) count.failed++
    }
    const failed = count.failed + errors.length
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : ''
    process.stdout.write(`\n${count.passed} passed, ${failed} failed${skipped}\n`)
  }
}
