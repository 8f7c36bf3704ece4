import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codeOf, errorOf, temporaryFolder } from '../../tests/fault/store-support.ts'
import { diskFiles } from '../kit/index.ts'
import { openStore } from './index.ts'
import { type Machine, refuseNetworkShare, thisMachine } from './location.ts'

const linux = (mounts: string): Machine => ({ platform: 'linux', mounts: () => mounts })
const windows: Machine = { platform: 'win32', mounts: () => undefined }

const TABLE = `proc /proc proc rw 0 0
/dev/sda1 / ext4 rw,relatime 0 0
server:/home /home nfs4 rw,vers=4.2 0 0
/dev/sdb1 /home/local xfs rw 0 0
//nas/team /mnt/team\\040share cifs rw 0 0
anna@host:/data /mnt/data fuse.sshfs rw 0 0
overlay /var/lib/app overlay rw 0 0
share /mnt/c 9p rw 0 0
/dev/sdc1 /mnt/covered ext4 rw 0 0
server:/x /mnt/covered nfs rw 0 0
`

describe('a network share', () => {
  it.each([
    ['/home/anna/airlock', 'nfs4'],
    ['/home', 'nfs4'],
    ['/mnt/team share/airlock', 'cifs'],
    ['/mnt/data/x', 'fuse.sshfs'],
    ['/mnt/covered/x', 'nfs'],
  ])('is seen in the mount table: %s', (folder, type) => {
    const found = errorOf(() => refuseNetworkShare(folder, linux(TABLE)))
    expect(found).toMatchObject({ code: 'store.network_share', data: { folder, type } })
  })

  it.each(['/home/local/airlock', '/homework', '/mnt/team', '/var/lib/app/x', '/mnt/c/x', '/opt', '/'])(
    'is not seen where a disk is: %s',
    (folder) => expect(() => refuseNetworkShare(folder, linux(TABLE))).not.toThrow(),
  )

  it.each(['\\\\nas\\team\\airlock', '//nas/team/airlock', '\\\\?\\UNC\\nas\\team', '\\\\wsl.localhost\\Ubuntu\\home'])(
    'is seen in a Windows path: %s',
    (folder) => expect(codeOf(() => refuseNetworkShare(folder, windows))).toBe('store.network_share'),
  )

  it.each(['C:\\Users\\anna', 'D:/airlock', '\\\\?\\C:\\Users\\anna', '\\\\.\\C:\\x', '\\\\?\\Volume{1}\\x'])(
    'is not seen in a local Windows path: %s',
    (folder) => expect(() => refuseNetworkShare(folder, windows)).not.toThrow(),
  )

  it('is refused before anything is created', () => {
    const folder = join(temporaryFolder(), 'new')
    const machine = linux(`server:/x ${folder} nfs rw 0 0`)
    expect(codeOf(() => openStore(folder, { actor: 'a', machine }))).toBe('store.network_share')
    expect(diskFiles.exists(folder)).toBe(false)
  })

  it.skipIf(process.platform === 'win32')('is refused behind a symbolic link as well, and left as it was', () => {
    const [share, here] = [temporaryFolder(), temporaryFolder()]
    symlinkSync(share, join(here, 'workspace'))
    const machine = linux(`server:/x ${share} nfs rw 0 0`)
    expect(codeOf(() => openStore(join(here, 'workspace'), { actor: 'a', machine }))).toBe('store.network_share')
    expect(diskFiles.list(share)).toEqual([])
  })

  it.skipIf(process.platform !== 'linux')('is looked for in the real table of this machine', () => {
    expect(thisMachine.mounts()).toMatch(/ \/ \w+/)
  })
})
