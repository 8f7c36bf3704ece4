import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ModelFingerprint } from '../contract/domain/fingerprint.ts'
import { type Clock, isAppError, randomStream, sha256 } from '../kit/index.ts'
import { createIdentity, type ManifestDraft, openIdentity, openTrustStore, type PeftTensor } from './index.ts'

export const FUZZ_COUNT = process.env.AIRLOCK_TEST_FULL === '1' ? 20_000 : 1000

/** A clock that stands still, so that files have equal bytes. */
export const stillClock: Clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5), seconds: () => 0, every: () => () => {} }

/** Runs `work` in a new folder that is removed afterwards. */
export async function inFolder<T>(work: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'adapters-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function fixtureAdapter(name: string): string {
  return fileURLToPath(new URL(`../../tests/fixtures/adapters/${name}`, import.meta.url))
}

/** Every path below a folder, sorted. */
export function tree(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).map((path) => path.replaceAll('\\', '/')).sort()
}

/** The code of the error that `work` ends with, `accepted` when it ends well. */
export async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work()
    return 'accepted'
  } catch (error) {
    return isAppError(error) ? error.code : String(error)
  }
}

export function fingerprint(seed: string, change: Partial<ModelFingerprint> = {}): ModelFingerprint {
  const digest = (part: string): string => sha256(`${seed} ${part}`)
  return {
    architecture: digest('architecture'),
    tokenizer: digest('tokenizer'),
    chatTemplate: digest('chatTemplate'),
    weights: digest('weights'),
    storage: 'F32',
    ...change,
  }
}

/** A small adapter: `layers` layers with q_proj and v_proj. */
export function smallTensors({ layers = 2, rank = 4, width = 8, seed = 1 } = {}): PeftTensor[] {
  const stream = randomStream(seed, 'adapter')
  const matrix = (name: string, shape: [number, number]): PeftTensor => ({
    name,
    shape,
    data: Float32Array.from({ length: shape[0] * shape[1] }, () => stream.normal()),
  })
  return Array.from({ length: layers }, (_, i) =>
    ['q_proj', 'v_proj'].flatMap((target) => {
      const module = `base_model.model.model.layers.${i}.self_attn.${target}`
      return [matrix(`${module}.lora_A.weight`, [rank, width]), matrix(`${module}.lora_B.weight`, [width + 2, rank])]
    }),
  ).flat()
}

export const smallConfig = {
  rank: 4,
  alpha: 8,
  dropout: 0.1,
  targets: ['q_proj', 'v_proj'],
  baseModelId: 'smollm2-135m-instruct',
  taskType: 'CAUSAL_LM',
}

/** A signer with a trust store of its own. */
export function person(folder: string, name: string) {
  const keys = join(folder, `keys ${name}`)
  createIdentity({ folder: keys, name, clock: stillClock })
  return { keys, signer: openIdentity(keys), trust: openTrustStore(keys, stillClock) }
}

export const draft: ManifestDraft = {
  name: '分诊 triage',
  created: '2026-01-02T03:04:05.000Z',
  base: { id: 'smollm2-135m-instruct', fingerprint: { ...fingerprint('base') } },
  recipeHash: sha256('recipe'),
  data: { trainRows: 480, classes: { cardiology: 60 } },
  metrics: { tuned: { accuracy: 0.875, macroF1: 0.86 } },
  parents: [],
  codeVersion: '0.1.0',
}
