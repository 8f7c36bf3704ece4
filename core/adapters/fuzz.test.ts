import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diskFiles, isAppError, randomStream } from '../kit/index.ts'
import { FUZZ_COUNT, fixtureAdapter, inFolder, stillClock } from './adapters.testing.ts'
import { createIdentity, exportPublic, openIdentity, openTrustStore, readPeft } from './index.ts'

const TOKENS = [
  'null',
  'true',
  '-1',
  '1e999',
  '""',
  '[]',
  '{}',
  '[[[',
  '"\\u0000"',
  '"__proto__":1,',
  ',',
  '}',
  '\u00ff',
]

/** JSON text with a few random edits: changed characters, cuts, or tokens put in. */
function mutate(text: string, seed: number): string {
  const stream = randomStream(seed, 'adapter-fuzz')
  let out = text
  for (let k = stream.int(3) + 1; k > 0; k--) {
    const at = stream.int(out.length + 1)
    const kind = stream.int(4)
    if (kind === 0) out = out.slice(0, at) + String.fromCharCode(stream.int(128)) + out.slice(at + 1)
    else if (kind === 1) out = out.slice(0, at) + out.slice(at + stream.int(20))
    else if (kind === 2) out = out.slice(0, at) + TOKENS[stream.int(TOKENS.length)] + out.slice(at)
    else out = out.replace(/: ?[^,\n]+/g, (m) => (stream.int(12) ? m : `:${TOKENS[stream.int(7)]}`))
  }
  return out
}

interface Target {
  what: string
  file: string
  prefix: RegExp
  prepare(folder: string): void
  use(folder: string): void
}

const targets: Target[] = [
  {
    what: 'adapter_config.json',
    file: 'adapter_config.json',
    prefix: /^adapter\./,
    prepare(folder) {
      for (const name of ['adapter_config.json', 'adapter_model.safetensors']) {
        writeFileSync(join(folder, name), diskFiles.read(join(fixtureAdapter('llama3-rope'), name)))
      }
    },
    use: (folder) => void readPeft(folder),
  },
  {
    what: 'a public key file',
    file: 'card.json',
    prefix: /^keys\./,
    prepare(folder) {
      createIdentity({ folder: join(folder, 'theirs'), name: 'a', clock: stillClock })
      exportPublic(join(folder, 'theirs'), join(folder, 'card.json'))
    },
    use: (folder) => void openTrustStore(join(folder, 'mine'), stillClock).trust(join(folder, 'card.json')),
  },
  {
    what: 'an identity file',
    file: 'identity.json',
    prefix: /^keys\./,
    prepare: (folder) => void createIdentity({ folder, name: 'a', clock: stillClock }),
    use: (folder) => void openIdentity(folder),
  },
]

describe('fuzz', () => {
  it.each(targets)(`${FUZZ_COUNT} mutations of $what end accepted or named`, ({ file, prefix, prepare, use }) =>
    inFolder((folder) => {
      prepare(folder)
      const path = join(folder, file)
      const original = new TextDecoder().decode(diskFiles.read(path))
      use(folder)
      let refused = 0
      for (let i = 0; i < FUZZ_COUNT; i++) {
        writeFileSync(path, mutate(original, i))
        try {
          use(folder)
        } catch (error) {
          if (!isAppError(error) || !prefix.test(error.code)) throw error
          refused++
        }
      }
      expect(refused).toBeGreaterThan(FUZZ_COUNT / 3)
    }),
  )
})
