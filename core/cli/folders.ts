import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the product keeps its things when nothing else is said. All absolute. */
export interface UserFolders {
  /** Default workspace: project store, runs, artefacts. */
  workspace: string
  /** Obtained models: once per user, for every workspace. */
  modelCache: string
  logs: string
}

export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>
  platform: NodeJS.Platform
  home: string
}

export const thisMachine = (): Surroundings => ({ env: process.env, platform: process.platform, home: homedir() })

/**
 * The user's application-data folder: `AIRLOCK_HOME`, else %LOCALAPPDATA%\Airlock on Windows, Library/Application
 * Support/Airlock on macOS, $XDG_DATA_HOME/airlock or ~/.local/share/airlock elsewhere.
 */
export function userFolders({ env, platform, home }: Surroundings): UserFolders {
  const base = env.AIRLOCK_HOME || applicationData({ env, platform, home })
  return { workspace: join(base, 'workspace'), modelCache: join(base, 'models'), logs: join(base, 'logs') }
}

function applicationData({ env, platform, home }: Surroundings): string {
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'Airlock')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Airlock')
  const data = env.XDG_DATA_HOME
  // The specification says that a relative path in the variable is to be ignored.
  return join(data?.startsWith('/') ? data : join(home, '.local', 'share'), 'airlock')
}
