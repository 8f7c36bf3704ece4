import { join } from 'node:path'
import { AppError, diskFiles } from '../../core/kit/index.ts'
import { checkChatTemplates } from './chat-templates.ts'
import { listGaps } from './gaps.ts'
import { checkGgufFolder } from './gguf.ts'
import { checkModelFolder } from './model-folder.ts'
import { readJsonFile } from './reference.ts'
import type { ParityReport } from './report.ts'
import { checkRealModel } from './smollm2.ts'
import { checkTokenizers } from './tokenizers.ts'

export type FolderKind = 'model' | 'gguf' | 'tokenizers' | 'chat-templates' | 'real-model' | 'gaps'

/** What a fixture folder holds, told by its files; `usage.invalid_value` when it holds nothing to recompute. */
export function kindOf(folder: string): FolderKind {
  const names = diskFiles.list(folder)
  const ends = (ending: string): boolean => names.some((name) => name.endsWith(ending))
  if (names.includes('config.json')) return 'model'
  if (ends('.jinja')) return 'chat-templates'
  if (names.some((name) => diskFiles.exists(join(folder, name, 'cases.json')))) return 'tokenizers'
  if (names.includes('reference.safetensors')) {
    if (ends('.gguf')) return 'gguf'
    const facts = readJsonFile<Record<string, unknown>>(folder, 'reference.json')
    return typeof facts.sha256_gguf === 'string' ? 'real-model' : 'gaps'
  }
  throw new AppError('usage.invalid_value', {
    command: 'parity',
    option: 'FOLDER',
    value: folder,
    expected: 'a fixture folder with recorded values',
  })
}

export interface CheckOptions {
  /** Where `airlock model fetch` keeps its models. */
  readonly modelCache: string
  /** Told what long checks are doing. */
  readonly note: (line: string) => void
}

/** Recomputes everything that a fixture folder recorded. `folder` is absolute. */
export async function checkFolder(folder: string, options: CheckOptions): Promise<ParityReport> {
  switch (kindOf(folder)) {
    case 'model':
      return checkModelFolder(folder)
    case 'gguf':
      return checkGgufFolder(folder)
    case 'tokenizers':
      return checkTokenizers(folder)
    case 'chat-templates':
      return checkChatTemplates(folder)
    case 'real-model':
      return checkRealModel(folder, options)
    case 'gaps':
      return listGaps(folder)
  }
}
