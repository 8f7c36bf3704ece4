import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import type { ProgressEvent } from '../../contract/progress.ts'
import type { CancelToken } from '../../kit/cancel.ts'
import { AppError } from '../../kit/error.ts'
import { diskFiles } from '../../kit/files.ts'
import { callerPath } from '../../kit/path.ts'
import { userFolders } from '../folders.ts'
import { renderGeneric } from '../render/generic.ts'
import type { Session } from '../session.ts'

/** What `tools/fetch` offers; declared here, since the packaged application does not contain that folder. */
export interface FetchTool {
  fetchModel(
    id: string,
    options: {
      from?: string
      cacheFolder: string
      progress: (event: ProgressEvent) => void
      cancel: CancelToken
    },
  ): Promise<FetchedModel>
}

export interface FetchedModel {
  id: string
  path: string
  bytes: number
  sha256: string
  licence: string
  /** True when the file was already there and nothing was obtained. */
  cached: boolean
}

const TOOL = new URL('../../../tools/fetch/index.ts', import.meta.url)

/** Loads the one part that may use the network, only where the repository holds it. */
async function loadFetchTool(): Promise<FetchTool> {
  if (!diskFiles.exists(fileURLToPath(TOOL)))
    throw new AppError('feature.unavailable', { feature: 'airlock model fetch' })
  return (await import(TOOL.href)) as FetchTool
}

/** `airlock model fetch ID [--from FILE]`: for the connected preparation machine. */
export function registerModelFetch(
  parent: Command,
  session: Session,
  load: () => Promise<FetchTool> = loadFetchTool,
): void {
  parent
    .command('fetch')
    .description(session.t('command.model.fetch'))
    .argument('<id>', session.t('argument.id'))
    .option('--from <file>', session.t('option.from'))
    .action((id: string, options: { from?: string }, command: Command) =>
      session.work(command, {
        call: async ({ cancel, progress, log }) => {
          const tool = await load()
          const from = options.from === undefined ? {} : { from: callerPath(options.from) }
          const cacheFolder = callerPath(userFolders(session.host.surroundings).modelCache)
          const fetched = await tool.fetchModel(id, { ...from, cacheFolder, progress, cancel })
          if (fetched.cached) log({ level: 'info', key: 'note.cached' })
          return fetched
        },
        render: renderGeneric,
      }),
    )
}
