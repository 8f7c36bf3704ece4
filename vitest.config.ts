import { defineConfig } from 'vitest/config'

const full = process.env['AIRLOCK_TEST_FULL'] === '1'

export default defineConfig({
  test: {
    include: [
      'core/**/*.test.ts',
      'tests/**/*.test.ts',
      'tools/**/*.test.ts',
      'electron/**/*.test.ts',
      'renderer/**/*.test.ts',
    ],
    exclude: full ? ['**/node_modules/**'] : ['**/node_modules/**', '**/*.full.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: full ? 1_800_000 : 60_000,
    reporters: ['default', './tools/plain-reporter.ts'],
  },
})
