import type { Command } from 'commander'
import type { Session } from '../session.ts'
import { integer } from '../usage.ts'
import { type GenerationOptions, generationInput, seedOrDefault } from './shared.ts'

/** `airlock generate --model ID [--adapter DIR] --prompt TEXT`: one local answer, shown as it grows. */
export function registerGenerate(parent: Command, session: Session): void {
  parent
    .command('generate')
    .description(session.t('command.generate'))
    .requiredOption('--model <id>', session.t('option.model'))
    .option('--adapter <folder>', session.t('option.adapter'))
    .requiredOption('--prompt <text>', session.t('option.prompt'))
    .option('--system <text>', session.t('option.system'))
    .option('--max-tokens <n>', session.t('option.maxTokens'), integer('--max-tokens', 1), 256)
    .action((options: GenerationOptions & { prompt: string }, command: Command) =>
      session.act(command, {
        call: (app, io) => {
          const input = { ...generationInput(options), prompt: options.prompt, seed: seedOrDefault(command) }
          return app.generate({ ...input, onText: io.piece }, io)
        },
        render: () => null, // the answer stands there already
      }),
    )
}
