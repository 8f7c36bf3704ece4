import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeError } from '../../core/contract/errors/describe.ts'
import { type Checkpoint, readLatestCheckpoint, writeCheckpoint } from '../../core/train/index.ts'
import { crashStates, fullDisk, recordingFiles, restore, snapshotOf } from '../support/recording-files.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { checkpointOf, planHash } from './checkpoint-support.ts'

const full = process.env.AIRLOCK_TEST_FULL === '1'
const temp = tempFolder()

function folder(name: string): string {
  const path = join(temp.path, name)
  mkdirSync(path, { recursive: true })
  return path
}

/** The checkpoint without the gradient, which is scratch space and never stored. */
const facts = ({ step, planHash: hash, history, state }: Checkpoint): unknown => ({
  step,
  hash,
  history,
  arrays: [state.values, state.firstMoment, state.secondMoment].map((a) => Buffer.from(a.buffer).toString('hex')),
})

describe('P-30: a checkpoint is whole or absent', () => {
  it('after every crash prefix of a save the newest complete one or the one before is found, without an exception', () => {
    const root = folder('record')
    const replay = folder('replay')
    const tornAt = (length: number): number[] =>
      full
        ? Array.from({ length }, (_, i) => i)
        : [0, 1, 7, 8, 9, 100, length >> 1, length - 13, length - 1].filter((n) => n >= 0 && n < length)
    let states = 0
    let newest = 0
    let torn = 0
    for (let step = 1; step <= 5; step++) {
      const before = snapshotOf(root)
      const files = recordingFiles(root)
      writeCheckpoint(root, checkpointOf(step), files)
      expect(files.ops.some((op) => op.kind === 'sync')).toBe(true)
      for (const { after, files: state } of crashStates(before, files.ops, { tornAt })) {
        restore(replay, state)
        const found = readLatestCheckpoint(replay, planHash)
        states++
        if (after.includes('torn')) torn++
        if (found === null) expect(step, after).toBe(1)
        else {
          expect([step, step - 1], after).toContain(found.step)
          expect(facts(found), after).toEqual(facts(checkpointOf(found.step)))
          if (found.step === step) newest++
        }
      }
      // And the save that did finish is found.
      expect(readLatestCheckpoint(root, planHash)?.step).toBe(step)
    }
    expect(states).toBeGreaterThan(80)
    expect(torn).toBeGreaterThan(40)
    expect(newest).toBeGreaterThan(10)
  })

  it('a save over the leftovers of a crash works, and leaves none', () => {
    const root = folder('leftovers')
    writeCheckpoint(root, checkpointOf(1))
    writeFileSync(join(root, 'checkpoint-0000002.safetensors.partial'), 'half')
    writeCheckpoint(root, checkpointOf(2))
    expect(readdirSync(root)).toEqual(['checkpoint-0000001.safetensors', 'checkpoint-0000002.safetensors'])
  })

  it('keeps two: the newest and the one before it', () => {
    const root = folder('kept')
    for (let step = 3; step <= 30; step += 3) writeCheckpoint(root, checkpointOf(step))
    expect(readdirSync(root)).toEqual(['checkpoint-0000027.safetensors', 'checkpoint-0000030.safetensors'])
    expect(facts(readLatestCheckpoint(root, planHash)!)).toEqual(facts(checkpointOf(30)))
  })

  it('no folder, an empty folder and foreign files are no checkpoint', () => {
    expect(readLatestCheckpoint(join(temp.path, 'nowhere'), planHash)).toBeNull()
    const root = folder('foreign')
    for (const name of ['notes.txt', 'checkpoint-1.safetensors', 'checkpoint-0000001.safetensors.partial'])
      writeFileSync(join(root, name), 'x')
    expect(readLatestCheckpoint(root, planHash)).toBeNull()
  })
})

describe('a damaged newest checkpoint gives way to the one before', () => {
  const newest = 'checkpoint-0000006.safetensors'

  function twoCheckpoints(name: string): { root: string; bytes: Buffer } {
    const root = folder(name)
    writeCheckpoint(root, checkpointOf(3))
    writeCheckpoint(root, checkpointOf(6))
    return { root, bytes: readFileSync(join(root, newest)) }
  }

  it('whichever byte was flipped, header and history included', () => {
    const { root, bytes } = twoCheckpoints('flips')
    const stride = full ? 1 : 3
    for (let at = 0; at < bytes.length; at += stride) {
      const mutated = Buffer.from(bytes)
      mutated[at]! ^= 1 << (at % 8)
      writeFileSync(join(root, newest), mutated)
      const found = readLatestCheckpoint(root, planHash)
      // A flip that changes nothing of what is read (white space of the header) may still be the newest.
      const expected = found?.step === 6 ? 6 : 3
      expect(facts(found!), `byte ${at}`).toEqual(facts(checkpointOf(expected)))
    }
  })

  it('wherever it was cut', () => {
    const { root, bytes } = twoCheckpoints('cuts')
    for (let length = 0; length < bytes.length; length += full ? 1 : 41) {
      writeFileSync(join(root, newest), bytes.subarray(0, length))
      expect(readLatestCheckpoint(root, planHash)?.step, `cut at ${length}`).toBe(3)
    }
  })

  it('with both damaged, the run starts again from its beginning', () => {
    const { root } = twoCheckpoints('both')
    for (const name of readdirSync(root)) writeFileSync(join(root, name), 'damaged')
    expect(readLatestCheckpoint(root, planHash)).toBeNull()
  })
})

describe('a checkpoint of another plan', () => {
  it('is refused by name, and nothing is removed', () => {
    const root = folder('plan')
    writeCheckpoint(root, checkpointOf(3))
    expect(() => readLatestCheckpoint(root, 'b'.repeat(64))).toThrow(
      expect.objectContaining({ code: 'train.plan_changed', data: { checkpoint: 'checkpoint-0000003.safetensors' } }),
    )
    expect(readdirSync(root)).toEqual(['checkpoint-0000003.safetensors'])
  })
})

describe('P-34: the disk fills up during a save', () => {
  it('says so, keeps the checkpoint before intact, and goes on once there is room', () => {
    const size = readFileSync(writeCheckpoint(folder('size'), checkpointOf(6))).byteLength
    for (const room of [0, 1, 9, size >> 1, size - 1]) {
      const root = folder(`full-${room}`)
      writeCheckpoint(root, checkpointOf(3))
      const files = fullDisk(room)
      let failure: unknown
      try {
        writeCheckpoint(root, checkpointOf(6), files)
      } catch (error) {
        failure = error
      }
      for (const lang of ['zh', 'en'] as const)
        expect(describeError(failure, lang)).toMatchObject({ code: 'disk.full', exit: 5 })
      expect(facts(readLatestCheckpoint(root, planHash)!)).toEqual(facts(checkpointOf(3)))
      files.free(10 * size)
      writeCheckpoint(root, checkpointOf(6), files)
      expect(facts(readLatestCheckpoint(root, planHash)!)).toEqual(facts(checkpointOf(6)))
      expect(readdirSync(root).filter((name) => name.endsWith('.partial'))).toEqual([])
    }
  })
})
