import { migration001 } from './001-data.ts'
import { migration002 } from './002-runs.ts'
import { migration003 } from './003-audit.ts'
import type { Migration } from './migration.ts'

/** All migrations in order; the position in the list is the version. */
export const migrations: readonly Migration[] = [migration001, migration002, migration003]
