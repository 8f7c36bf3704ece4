import type { ErrorTable } from './entry.ts'

export const storeErrors = {
  'store.missing': {
    exit: 3,
    zh: {
      message: '文件夹 {folder} 中还没有项目库，因此没有可读取的内容。',
      hint: '请检查 --workspace，或先运行一个配方以创建项目库。',
    },
    en: {
      message: 'The folder {folder} holds no project store yet, so there is nothing to read.',
      hint: 'Check --workspace, or run a recipe first, which creates the store.',
    },
  },
  'store.newer': {
    exit: 3,
    zh: {
      message:
        '项目库 {path} 由更新版本的 Airlock 写入（结构版本 {found}，本程序只认识到 {known}），因此没有打开，也没有改动。',
      hint: '请安装更新版本的 Airlock，或选择另一个工作区。',
    },
    en: {
      message:
        'The project store {path} was written by a newer Airlock (schema {found}; this one knows up to {known}), so it was neither opened nor changed.',
      hint: 'Install the newer Airlock, or choose another workspace.',
    },
  },
  'store.not_a_database': {
    exit: 3,
    zh: {
      message: '文件 {path} 不是数据库，因此无法打开项目库；文件未被改动。',
      hint: '请从备份恢复该文件；若它本不属于这里，请移走后重试。',
    },
    en: {
      message: 'The file {path} is not a database, so the project store cannot be opened; the file was not changed.',
      hint: 'Restore it from a backup, or move it away if it does not belong there.',
    },
  },
  'store.foreign': {
    exit: 3,
    zh: {
      message: '文件 {path} 是其他程序的数据库，因此没有打开，也没有改动。',
      hint: '请为 Airlock 选择另一个工作区文件夹。',
    },
    en: {
      message: 'The file {path} is a database of another program, so it was neither opened nor changed.',
      hint: 'Choose another workspace folder for Airlock.',
    },
  },
  'store.corrupt': {
    exit: 3,
    zh: {
      message: '项目库 {path} 已损坏（{place}），为避免进一步损失，操作已停止。',
      hint: '请先复制整个工作区文件夹，再从备份恢复；airlock doctor 会列出损坏之处。',
    },
    en: {
      message: 'The project store {path} is damaged ({place}); the operation stopped before it could lose more.',
      hint: 'Copy the whole workspace folder first, then restore a backup; airlock doctor lists the damage.',
    },
  },
  'store.lock_damaged': {
    exit: 3,
    zh: {
      message: '锁文件 {path} 已损坏，因此无法确认是否有另一个 Airlock 正在使用该工作区；项目数据未被改动。',
      hint: '请确认没有其他 Airlock 在运行，然后删除该锁文件（其中没有项目数据）并重试。',
    },
    en: {
      message:
        'The lock file {path} is damaged, so it is unknown whether another Airlock uses this workspace; the project data was not touched.',
      hint: 'Make sure no other Airlock is running, delete the lock file (it holds no project data) and try again.',
    },
  },
  'store.read_only': {
    exit: 5,
    zh: {
      message: '没有权限写入 {folder}，因此无法使用其中的项目库；没有任何改动。',
      hint: '请授予该文件夹的写权限，或用 --workspace 选择另一个文件夹。',
    },
    en: {
      message: 'Airlock may not write to {folder}, so the project store there cannot be used; nothing was changed.',
      hint: 'Grant write access to the folder, or choose another one with --workspace.',
    },
  },
  'store.cannot_open': {
    exit: 5,
    zh: {
      message: '无法打开或创建 {path}（{cause}），因此项目库不可用；没有任何改动。',
      hint: '请检查该位置是否为普通文件夹、路径是否过长；或用 --workspace 选择另一个文件夹。',
    },
    en: {
      message:
        '{path} cannot be opened or created ({cause}), so the project store is unavailable; nothing was changed.',
      hint: 'Check that the place is an ordinary folder and the path is not too long, or choose another with --workspace.',
    },
  },
  'store.disk_full': {
    exit: 5,
    zh: {
      message: '{folder} 所在磁盘已满，本次写入已整体撤销；先前保存的数据完好。',
      hint: '请至少腾出 {neededBytes} 字节后重试。',
    },
    en: {
      message:
        'The disk that holds {folder} is full; this write was undone as a whole, everything saved before is intact.',
      hint: 'Free at least {neededBytes} bytes and try again.',
    },
  },
  'store.network_share': {
    exit: 5,
    zh: {
      message: '{folder} 位于网络共享（{type}）上；网络文件锁不可靠，可能损坏项目库，因此已拒绝打开。',
      hint: '请把工作区放在本机磁盘上（--workspace），需要交接时再导出适配器包。',
    },
    en: {
      message:
        '{folder} lies on a network share ({type}), whose file locks are not reliable enough to protect the project store, so it was not opened.',
      hint: 'Put the workspace on a local disk (--workspace) and hand over exported bundles instead.',
    },
  },
  'store.wal_unavailable': {
    exit: 5,
    zh: {
      message: '{folder} 的文件系统不支持预写日志（得到 {journal}），断电时无法保证数据安全，因此没有打开项目库。',
      hint: '请把工作区放在普通的本机磁盘上（--workspace）。',
    },
    en: {
      message:
        'The file system of {folder} does not support write-ahead logging (it answered {journal}), so saved data could not be kept safe from a power cut; the project store was not opened.',
      hint: 'Put the workspace on an ordinary local disk (--workspace).',
    },
  },
  'store.in_use': {
    exit: 5,
    zh: {
      message: '工作区 {folder} 正被另一个 Airlock 使用（进程 {pid}），同一时间只能有一个写入者；没有任何改动。',
      hint: '请等它结束或将其关闭；runs、show、list 等查看命令可以同时使用。',
    },
    en: {
      message:
        'Another Airlock (process {pid}) is using the workspace {folder}, and only one may write at a time; nothing was changed.',
      hint: 'Wait until it ends or close it; commands that only look (runs, show, list) work meanwhile.',
    },
  },
  'store.busy': {
    exit: 5,
    zh: {
      message: '项目库 {path} 被另一个程序锁定，等待 {seconds} 秒后放弃；本次操作没有改动任何内容。',
      hint: '请关闭正在打开该文件的程序（数据库查看器、备份、杀毒软件）后重试。',
    },
    en: {
      message:
        'Another program has locked the project store {path}; gave up after {seconds} seconds, nothing was changed.',
      hint: 'Close the program that has the file open (database viewer, backup, virus scanner) and try again.',
    },
  },
  'store.io': {
    exit: 5,
    zh: {
      message: '读写项目库 {path} 时磁盘出错（{cause}），本次操作已撤销。',
      hint: '请检查磁盘和连接；先复制工作区文件夹再继续。',
    },
    en: {
      message: 'The disk failed while the project store {path} was in use ({cause}); this operation was undone.',
      hint: 'Check the disk and its connection, and copy the workspace folder before going on.',
    },
  },
  'store.invalid_value': {
    exit: 3,
    zh: {
      message: '无法保存：{table} 的 {field} 不符合要求（应为 {expected}）；本次写入已整体撤销。',
      hint: '请更正该值后重试。',
    },
    en: {
      message:
        'Not saved: {field} of {table} does not hold what it must ({expected}); this write was undone as a whole.',
      hint: 'Correct the value and try again.',
    },
  },
  'store.exists': {
    exit: 3,
    zh: {
      message: '无法保存：{table} 中已有相同的 {field}；本次写入已整体撤销。',
      hint: '请换一个名称，或使用已有的条目。',
    },
    en: {
      message: 'Not saved: {table} already holds an entry with the same {field}; this write was undone as a whole.',
      hint: 'Choose another name, or use the existing entry.',
    },
  },
  'store.unknown_reference': {
    exit: 3,
    zh: {
      message: '无法保存：{table} 的条目指向一个不存在的条目；本次写入已整体撤销。',
      hint: '请先添加它所引用的项目、模型、数据集或运行。',
    },
    en: {
      message:
        'Not saved: the entry of {table} refers to something that does not exist; this write was undone as a whole.',
      hint: 'Add the project, model, dataset or run it refers to first.',
    },
  },
  'store.still_used': {
    exit: 3,
    zh: {
      message: '无法删除：{table} 中的这个条目仍被其他条目引用；没有任何改动。',
      hint: '请先删除引用它的数据集或运行。',
    },
    en: {
      message: 'Not removed: other entries still refer to this entry of {table}; nothing was changed.',
      hint: 'Remove the datasets or runs that refer to it first.',
    },
  },
  'store.not_found': {
    exit: 3,
    zh: { message: '{table} 中没有 {id}，因此没有执行操作。', hint: '请用对应的 list 或 runs 命令查看已有条目。' },
    en: {
      message: 'There is no {id} among the {table}, so nothing was done.',
      hint: 'See what exists with the matching list or runs command.',
    },
  },
  'store.run_state': {
    exit: 3,
    zh: {
      message: '运行 {run} 当前为 {from}，不能变为 {to}；没有任何改动。',
      hint: '请用 airlock show {run} 查看该运行的状态。',
    },
    en: {
      message: 'The run {run} is {from} and cannot become {to}; nothing was changed.',
      hint: 'See where the run stands with airlock show {run}.',
    },
  },
} as const satisfies ErrorTable
