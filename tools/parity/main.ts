// The proof command as a process: `npm run -s parity -- FOLDER [--json]`.
import { thisMachine } from '../../core/cli/folders.ts'
import { runParity } from './command.ts'

process.exitCode = await runParity(process.argv.slice(2), {
  surroundings: thisMachine(),
  systemLocale: Intl.DateTimeFormat().resolvedOptions().locale,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
})
