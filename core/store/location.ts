import { isAbsolute, resolve } from 'node:path'
import { AppError, diskFiles } from '../kit/index.ts'

/**
 * File systems whose bytes lie on another machine. SQLite's locks and its shared-memory index need one kernel on both
 * ends. Container overlays, 9p and virtiofs mounts are not here: they serve one machine.
 */
const NETWORK_TYPES = new Set(
  `nfs nfs4 cifs smb smbfs smb2 smb3 afs kafs coda ncpfs ncp ceph lustre glusterfs beegfs gpfs panfs orangefs pvfs2
   davfs webdav fuse.sshfs fuse.ceph fuse.glusterfs fuse.davfs fuse.davfs2 fuse.smbnetfs fuse.curlftpfs fuse.gvfsd-fuse
   fuse.s3fs fuse.rclone fuse.gcsfuse fuse.goofys fuse.juicefs fuse.mountpoint-s3 fuse.nfs fuse.kio-fuse`.split(/\s+/),
)

/** The machine as this check sees it; tests bring their own. */
export interface Machine {
  readonly platform: string
  /** Text of /proc/self/mounts; undefined where there is none. */
  mounts(): string | undefined
}

export const thisMachine: Machine = {
  platform: process.platform,
  mounts() {
    if (process.platform !== 'linux') return undefined
    try {
      return new TextDecoder().decode(diskFiles.read('/proc/self/mounts'))
    } catch {
      return undefined // a sandbox without /proc
    }
  },
}

/**
 * Throws `store.network_share` when `folder` lies on a file system of another machine. Linux: the mount table.
 * Windows: UNC paths (a mapped drive letter cannot be told from a disk without a native call). macOS offers neither;
 * docs/support.md names both gaps.
 */
export function refuseNetworkShare(folder: string, machine: Machine = thisMachine): void {
  const type = machine.platform === 'win32' ? uncType(folder) : mountType(folder, machine.mounts())
  if (type !== undefined) throw new AppError('store.network_share', { folder, type })
}

/** `\\server\share` and `\\?\UNC\server\share`, in either slash; `\\?\C:\` and `\\.\` are local. */
function uncType(folder: string): string | undefined {
  const path = folder.replaceAll('/', '\\')
  if (/^\\\\[?.]\\/.test(path)) return /^\\\\[?.]\\UNC\\/i.test(path) ? 'UNC' : undefined
  return /^\\\\[^\\]/.test(path) ? 'UNC' : undefined
}

/** The type of the innermost mount above the folder, when it is a network type. */
function mountType(folder: string, mounts: string | undefined): string | undefined {
  const path = isAbsolute(folder) ? folder : resolve(folder)
  let [longest, type] = [-1, '']
  for (const line of (mounts ?? '').split('\n')) {
    const [, point, fsType] = line.split(' ').map(unescapeOctal)
    if (point === undefined || fsType === undefined) continue
    const inside = point === '/' || path === point || path.startsWith(`${point}/`)
    // A later mount on the same point covers the earlier one.
    if (inside && point.length >= longest) [longest, type] = [point.length, fsType]
  }
  return NETWORK_TYPES.has(type.toLowerCase()) ? type : undefined
}

/** The kernel writes blanks, tabs, line ends and backslashes in names as three octal digits of a UTF-8 byte. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
