// `npm run demo`: the whole job on a bundled sample, from nothing to a signed adapter and a report.
// It is the command line, twice: obtain the model (once per user), then run the sample recipe.
import { resolve } from 'node:path'
import { createApp } from '../../core/app/index.ts'
import { userFolders } from '../../core/cli/folders.ts'
import { processHost } from '../../core/cli/host.ts'
import { chooseLanguage } from '../../core/cli/language.ts'
import { runCli } from '../../core/cli/program.ts'
import { nodeProcesses } from '../../core/host/index.ts'
import { demoTexts } from './texts.ts'

const root = resolve(import.meta.dirname, '../..')
const recipe = resolve(root, 'resources/samples/triage-en.yaml')
let run = ''
const host = processHost((options) => {
  const app = createApp(options, nodeProcesses)
  const noted: typeof app.run = async (input, io) => {
    const result = await app.run(input, io)
    run = result.run
    return result
  }
  return { ...app, run: noted }
})
const options = process.argv.slice(2)
const texts = demoTexts[chooseLanguage(options, host.surroundings.env, host.systemLocale)]
const began = host.clock.seconds()

const say = (lines: readonly string[]): void => {
  process.stderr.write(`${lines.join('\n')}\n\n`)
}

say(texts.opening(recipe))
const fetched = await runCli(['model', 'fetch', 'smollm2-135m-instruct', '--quiet', ...options], host)
if (fetched !== 0) process.exit(fetched)
const done = await runCli(['run', recipe, ...options], host)
const seconds = Math.round(host.clock.seconds() - began)
if (done === 0) say(texts.closing({ seconds, workspace: userFolders(host.surroundings).workspace, run }))
process.exitCode = done
process.stdin.destroy()
