import { isAbsolute } from 'node:path'
import type { Command } from 'commander'
import type { GenerateInput } from '../../contract/app.ts'
import { AppError } from '../../kit/error.ts'
import { diskFiles } from '../../kit/files.ts'
import { callerPath } from '../../kit/path.ts'
import type { CommonOptions } from '../session.ts'
import { commandPath } from '../usage.ts'

/** `--seed`, or null when the recipe's counts. */
export function seedOf(command: Command): number | null {
  return command.optsWithGlobals<CommonOptions>().seed ?? null
}

/** The seed of commands without a recipe: `--seed`, else the recipe's default. */
export function seedOrDefault(command: Command): number {
  return seedOf(command) ?? 42
}

/** A path where one is meant, an id otherwise: what exists, or looks like a path, is a path. */
export function pathOrId(text: string): string {
  const path = callerPath(text)
  return isAbsolute(text) || /[\\/]|\.gguf$/i.test(text) || diskFiles.exists(path) ? path : text
}

/** Ends with `usage.conflict` unless exactly one of two options was given. */
export function needOne(command: Command, first: [string, unknown], second: [string, unknown]): void {
  if ((first[1] === undefined) === (second[1] === undefined)) {
    throw new AppError('usage.conflict', { command: commandPath(command), first: first[0], second: second[0] })
  }
}

export interface GenerationOptions {
  model: string
  adapter?: string
  system?: string
  maxTokens: number
}

export function generationInput(options: GenerationOptions): GenerateInput {
  return {
    model: pathOrId(options.model),
    adapter: options.adapter === undefined ? null : pathOrId(options.adapter),
    system: options.system ?? null,
    maxTokens: options.maxTokens,
  }
}
