import type { Command } from 'commander'
import { questions } from '../lines.ts'
import type { Session } from '../session.ts'
import { integer } from '../usage.ts'
import { type GenerationOptions, generationInput, seedOrDefault } from './shared.ts'

/** `airlock chat --model ID [--adapter DIR]`: a local conversation on standard input and output. */
export function registerChat(parent: Command, session: Session): void {
  parent
    .command('chat')
    .description(session.t('command.chat'))
    .requiredOption('--model <id>', session.t('option.model'))
    .option('--adapter <folder>', session.t('option.adapter'))
    .option('--system <text>', session.t('option.system'))
    .option('--max-tokens <n>', session.t('option.maxTokens'), integer('--max-tokens', 1), 512)
    .action((options: GenerationOptions, command: Command) =>
      session.act(command, {
        call: (app, io) => {
          const { stdin } = session.host
          const ask = (): void => {
            if (stdin.isTTY === true) io.piece('> ')
          }
          return app.chat(
            {
              ...generationInput(options),
              seed: seedOrDefault(command),
              questions: questions(stdin, io.cancel, ask),
              onText: io.piece,
              onEnd: () => io.piece('\n'),
            },
            io,
          )
        },
        render: () => null,
      }),
    )
}
