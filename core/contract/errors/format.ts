import type { ErrorEntry, ErrorTable, ErrorText } from './entry.ts'

interface Hint {
  readonly zh: string
  readonly en: string
}

/** The file arrived damaged or incomplete. */
const copyAgain: Hint = {
  zh: '请重新复制或下载该文件，并与发布者给出的大小和校验值核对。',
  en: 'Copy or download the file again and compare its size and checksum with what the publisher states.',
}

/** The file was written wrongly, or on purpose. */
const distrust: Hint = {
  zh: '正常工具不会写出这样的文件。请换用可信来源的文件，或请提供者重新导出。',
  en: 'No sound tool writes such a file. Use a file from a source you trust, or ask its author to export it again.',
}

/** The file is beyond a limit of the reader. */
const beyondLimit: Hint = {
  zh: '已发布的模型都远低于此上限。请确认文件来源可信；若确有需要，请联系维护人员。',
  en: 'Published models stay far below this limit. Make sure the source is trustworthy; if you really need it, ask your maintainer.',
}

/** Shards and index belong together. */
const wholeFolder: Hint = {
  zh: '请把同一次发布的索引文件和全部分片一起复制到同一个文件夹。',
  en: 'Copy the index and all shards of one and the same release into one folder.',
}

/** Bad input: nothing was loaded or changed. */
function refused(zh: string, en: string, hint: Hint): ErrorEntry {
  const text = (message: string, next: string): ErrorText => ({ message, hint: next })
  return { exit: 3, zh: text(zh, hint.zh), en: text(en, hint.en) }
}

const anyFile = {
  'format.file_missing': refused(
    '找不到文件 {path}，因此没有加载任何内容。',
    'There is no file {path}, so nothing was loaded.',
    {
      zh: '请检查路径和文件名。',
      en: 'Check the path and the file name.',
    },
  ),
  'format.not_a_file': refused(
    '{path} 不是普通文件（可能是文件夹、管道或设备），因此没有读取。',
    '{path} is not an ordinary file (a folder, a pipe or a device), so it was not read.',
    {
      zh: '请指定模型文件本身；若是模型文件夹，请指定整个文件夹。',
      en: 'Name the model file itself, or the folder where a model folder is wanted.',
    },
  ),
  'format.file_empty': refused(
    '{path} 是空文件，因此没有加载任何内容。',
    '{path} is empty, so nothing was loaded.',
    copyAgain,
  ),
  'format.file_unreadable': refused(
    '无法读取 {path}（系统原因：{reason}），因此没有加载。',
    'Cannot read {path} (system reason: {reason}), so it was not loaded.',
    {
      zh: '请确认您有读取权限，并检查磁盘或移动介质是否正常。',
      en: 'Make sure you may read it and that the disk or medium is sound.',
    },
  ),
  'format.file_changed': refused(
    '读取期间 {path} 变短了，读到的内容不可信，已停止。',
    '{path} became shorter while it was being read; what was read cannot be trusted, so loading stopped.',
    {
      zh: '请等待复制或写入完成，再重试。',
      en: 'Wait until whatever writes or copies the file has finished, then try again.',
    },
  ),
  'format.tensor_missing': refused(
    '{path} 中没有张量“{tensor}”，模型因此不完整。',
    '{path} has no tensor "{tensor}", so the model is incomplete.',
    {
      zh: '请确认文件与 config.json 属于同一个模型，且没有缺少分片。',
      en: 'Make sure the file and config.json belong to the same model and no shard is missing.',
    },
  ),
  'format.tensor_too_large': {
    exit: 5,
    zh: {
      message: '张量“{tensor}”需要 {bytes} 字节，本机内存不足，未能加载。',
      hint: '请关闭其他程序，或改用更小的模型。',
    },
    en: {
      message: 'The tensor "{tensor}" needs {bytes} bytes, more than this machine can give, so it was not loaded.',
      hint: 'Close other programs or use a smaller model.',
    },
  },
  'format.pickle': refused(
    '{path} 的内容是 Python pickle（{container}）。加载 pickle 会执行其中的代码，因此已拒绝，内容没有被执行。',
    '{path} holds a Python pickle ({container}). Loading a pickle runs the code inside it, so it was refused; nothing was run.',
    {
      zh: '请改用该模型的 safetensors 或 GGUF 版本；改文件名没有用，因为检查的是内容。',
      en: 'Use the safetensors or GGUF edition of the model; renaming does not help, the content is what counts.',
    },
  ),
  'format.pointer': refused(
    '{path} 只是大文件的占位指针，不是权重本身，因此没有可加载的内容。',
    '{path} is only the pointer to a large file, not the weights themselves, so there is nothing to load.',
    {
      zh: '下载不完整：请在联网的准备机上取得真正的文件（例如 git lfs pull），再重新拷贝。',
      en: 'The download is incomplete: fetch the real file on a connected machine (git lfs pull, for example) and copy it again.',
    },
  ),
  'format.unknown': refused(
    '{path} 既不是 safetensors 也不是 GGUF（开头字节：{begins}），因此没有加载。',
    '{path} is neither safetensors nor GGUF (it begins with {begins}), so it was not loaded.',
    {
      zh: '请使用 .safetensors 文件、Hugging Face 模型文件夹或 .gguf 文件。',
      en: 'Use a .safetensors file, a Hugging Face model folder or a .gguf file.',
    },
  ),
} as const satisfies ErrorTable

const safetensorsFile = {
  'format.safetensors.too_short': refused(
    '{path} 只有 {bytes} 字节，放不下 safetensors 的文件头，因此没有加载。',
    '{path} has only {bytes} bytes, too few for a safetensors header, so it was not loaded.',
    copyAgain,
  ),
  'format.safetensors.header_too_large': refused(
    '{path} 声明文件头有 {bytes} 字节，超过上限 {limit}：它不是 safetensors 文件，或已损坏。没有加载。',
    '{path} declares a header of {bytes} bytes, above the limit of {limit}: it is not a safetensors file, or is damaged. It was not loaded.',
    copyAgain,
  ),
  'format.safetensors.header_truncated': refused(
    '{path} 声明文件头有 {expected} 字节，文件却只剩 {found} 字节：文件被截断，没有加载。',
    '{path} declares a header of {expected} bytes but only {found} follow: the file is cut off and was not loaded.',
    copyAgain,
  ),
  'format.safetensors.header_start': refused(
    '{path} 的文件头不以左花括号开始，因此不是有效的 safetensors 文件，没有加载。',
    'The header of {path} does not begin with a brace, so it is not a valid safetensors file and was not loaded.',
    copyAgain,
  ),
  'format.safetensors.header_utf8': refused(
    '{path} 的文件头不是有效的 UTF-8，张量名称无法可靠读取，因此没有加载。',
    'The header of {path} is not valid UTF-8, so tensor names cannot be read reliably; it was not loaded.',
    copyAgain,
  ),
  'format.safetensors.header_json': refused(
    '{path} 的文件头在第 {at} 个字符处不是有效的 JSON，因此没有加载。',
    'The header of {path} is not valid JSON at character {at}, so it was not loaded.',
    copyAgain,
  ),
  'format.safetensors.duplicate_key': refused(
    '{path} 的文件头里“{key}”出现了两次，无法确定哪一个有效，因此没有加载。',
    'The header of {path} has "{key}" twice, so it is unclear which one counts; it was not loaded.',
    distrust,
  ),
  'format.safetensors.metadata': refused(
    '{path} 的 __metadata__ 中“{key}”不是文本，不符合格式，因此没有加载。',
    'In {path}, "{key}" of __metadata__ is not text as the format demands, so the file was not loaded.',
    distrust,
  ),
  'format.safetensors.metadata_too_large': refused(
    '{path} 的 __metadata__ 超过 {limit} 项，因此没有加载。',
    'The __metadata__ of {path} has more than {limit} entries, so the file was not loaded.',
    beyondLimit,
  ),
  'format.safetensors.name': refused(
    '{path} 中有不可用的张量名称“{tensor}”（为空、含控制字符或超过 {limit} 个字符），因此没有加载。',
    '{path} has an unusable tensor name "{tensor}" (empty, with control characters, or longer than {limit} characters), so it was not loaded.',
    distrust,
  ),
  'format.safetensors.too_many_tensors': refused(
    '{path} 的张量超过 {limit} 个，因此没有加载。',
    '{path} has more than {limit} tensors, so it was not loaded.',
    beyondLimit,
  ),
  'format.safetensors.entry': refused(
    '{path} 中张量“{tensor}”的描述不是 JSON 对象，因此没有加载。',
    'In {path} the description of tensor "{tensor}" is not a JSON object, so the file was not loaded.',
    distrust,
  ),
  'format.safetensors.unknown_field': refused(
    '{path} 中张量“{tensor}”带有未知字段“{field}”，其含义不明，因此没有加载。',
    'In {path} tensor "{tensor}" has the unknown field "{field}" whose meaning is unclear, so the file was not loaded.',
    distrust,
  ),
  'format.safetensors.missing_field': refused(
    '{path} 中张量“{tensor}”缺少字段“{field}”，因此没有加载。',
    'In {path} tensor "{tensor}" lacks the field "{field}", so the file was not loaded.',
    distrust,
  ),
  'format.safetensors.dtype': refused(
    '{path} 中张量“{tensor}”的类型“{dtype}”未知，无法得知其大小，因此没有加载。',
    'In {path} tensor "{tensor}" has the unknown type "{dtype}", so its size cannot be known; the file was not loaded.',
    { zh: '请使用 F32、F16 或 BF16 的版本。', en: 'Use an edition in F32, F16 or BF16.' },
  ),
  'format.safetensors.dtype_unsupported': refused(
    '{path} 中张量“{tensor}”的类型 {dtype} 不能作为权重读取，模型没有加载。',
    'In {path} the type {dtype} of tensor "{tensor}" cannot be read as weights, so the model was not loaded.',
    { zh: '请使用 F32、F16 或 BF16 的版本。', en: 'Use an edition in F32, F16 or BF16.' },
  ),
  'format.safetensors.shape': refused(
    '{path} 中张量“{tensor}”的形状不是非负整数列表（最多 32 维），因此没有加载。',
    'In {path} the shape of tensor "{tensor}" is not a list of non-negative integers (32 at most), so the file was not loaded.',
    distrust,
  ),
  'format.safetensors.shape_overflow': refused(
    '{path} 中张量“{tensor}”的形状大到无法计算字节数，因此没有加载。',
    'In {path} the shape of tensor "{tensor}" is too large for its bytes to be counted, so the file was not loaded.',
    distrust,
  ),
  'format.safetensors.offsets': refused(
    '{path} 中张量“{tensor}”的 data_offsets 不是两个非负整数，因此没有加载。',
    'In {path} the data_offsets of tensor "{tensor}" are not two non-negative integers, so the file was not loaded.',
    distrust,
  ),
  'format.safetensors.offsets_reversed': refused(
    '{path} 中张量“{tensor}”的起点 {begin} 在终点 {end} 之后，因此没有加载。',
    'In {path} tensor "{tensor}" begins at {begin}, behind its end {end}, so the file was not loaded.',
    distrust,
  ),
  'format.safetensors.size_mismatch': refused(
    '{path} 中张量“{tensor}”按形状和类型需要 {expected} 字节，却声明了 {found} 字节，因此没有加载。',
    'In {path} tensor "{tensor}" needs {expected} bytes by shape and type but declares {found}, so the file was not loaded.',
    distrust,
  ),
  'format.safetensors.overlap': refused(
    '{path} 中张量“{tensor}”从 {begin} 开始，与前一个张量（到 {covered}）重叠，因此没有加载。',
    'In {path} tensor "{tensor}" begins at {begin}, inside the previous one (up to {covered}), so the file was not loaded.',
    distrust,
  ),
  'format.safetensors.hole': refused(
    '{path} 中 {covered} 到 {begin}（张量“{tensor}”之前）有不属于任何张量的字节，因此没有加载。',
    'In {path} the bytes from {covered} to {begin}, before tensor "{tensor}", belong to no tensor, so the file was not loaded.',
    distrust,
  ),
  'format.safetensors.data_truncated': refused(
    '{path} 应有 {expected} 字节的数据，实际只有 {found} 字节：文件被截断，没有加载。',
    '{path} should hold {expected} bytes of data but has {found}: the file is cut off and was not loaded.',
    copyAgain,
  ),
  'format.safetensors.trailing_data': refused(
    '{path} 在最后一个张量之后还有 {bytes} 字节来历不明的内容，因此没有加载。',
    '{path} has {bytes} bytes of unexplained content behind the last tensor, so it was not loaded.',
    distrust,
  ),
} as const satisfies ErrorTable

const safetensorsFolder = {
  'format.safetensors.folder_without_weights': refused(
    '{path} 中既没有 {file} 也没有 {index}，因此没有可加载的权重。',
    '{path} has neither {file} nor {index}, so there are no weights to load.',
    {
      zh: '请指定含有 safetensors 权重的模型文件夹；只有 .bin 的旧模型不受支持。',
      en: 'Name a model folder with safetensors weights; older folders with only .bin files are not supported.',
    },
  ),
  'format.safetensors.index_too_large': refused(
    '索引 {path} 有 {bytes} 字节，超过上限 {limit}，因此没有读取。',
    'The index {path} has {bytes} bytes, above the limit of {limit}, so it was not read.',
    beyondLimit,
  ),
  'format.safetensors.index_json': refused(
    '索引 {path} 在第 {at} 个字符处不是有效的 UTF-8 JSON，因此没有加载模型。',
    'The index {path} is not valid UTF-8 JSON at character {at}, so the model was not loaded.',
    copyAgain,
  ),
  'format.safetensors.index_duplicate_key': refused(
    '索引 {path} 中“{key}”出现了两次，无法确定哪一个有效，因此没有加载模型。',
    'The index {path} has "{key}" twice, so it is unclear which one counts; the model was not loaded.',
    distrust,
  ),
  'format.safetensors.index_fields': refused(
    '索引 {path} 缺少有效的 weight_map（张量名 → 分片文件名）或 total_size 不是整数，因此没有加载模型。',
    'The index {path} has no valid weight_map (tensor name to shard file), or its total_size is no integer, so the model was not loaded.',
    copyAgain,
  ),
  'format.safetensors.shard_name': refused(
    '索引 {path} 中的分片名“{shard}”不是本文件夹内的普通 .safetensors 文件名，已拒绝：它可能指向文件夹之外。',
    'The shard name "{shard}" in {path} is not a plain .safetensors file name of the same folder; it was refused because it could lead outside.',
    distrust,
  ),
  'format.safetensors.shard_link': refused(
    '{path} 中的“{shard}”是指向文件夹之外的链接，因此没有读取。',
    '"{shard}" in {path} is a link that leads out of the folder, so it was not read.',
    {
      zh: '请把真正的文件复制进文件夹（复制时跟随链接，例如 cp -L）。',
      en: 'Copy the real file into the folder (follow links when copying, cp -L for example).',
    },
  ),
  'format.safetensors.shard_missing': refused(
    '{path} 中缺少分片“{shard}”，模型不完整，没有加载。',
    'The shard "{shard}" is missing in {path}; the model is incomplete and was not loaded.',
    wholeFolder,
  ),
  'format.safetensors.shard_tensor_missing': refused(
    '索引 {path} 说张量“{tensor}”在“{shard}”里，但那里没有，因此没有加载模型。',
    'The index {path} says that tensor "{tensor}" is in "{shard}", but it is not there, so the model was not loaded.',
    wholeFolder,
  ),
  'format.safetensors.shard_duplicate': refused(
    '张量“{tensor}”同时出现在“{first}”和“{second}”中，无法确定哪一个有效，因此没有加载模型（{path}）。',
    'Tensor "{tensor}" is in both "{first}" and "{second}", so it is unclear which one counts; the model was not loaded ({path}).',
    wholeFolder,
  ),
  'format.safetensors.shard_unlisted': refused(
    '“{shard}”中的张量“{tensor}”不在索引 {path} 里，索引与分片不匹配，因此没有加载模型。',
    'Tensor "{tensor}" of "{shard}" is not in the index {path}; index and shards do not match, so the model was not loaded.',
    wholeFolder,
  ),
  'format.safetensors.too_many_shards': refused(
    '索引 {path} 列出了超过 {limit} 个分片，因此没有加载模型。',
    'The index {path} lists more than {limit} shards, so the model was not loaded.',
    beyondLimit,
  ),
  'format.safetensors.total_size': refused(
    '索引 {path} 声明共 {declared} 字节，分片中实际有 {found} 字节，两者不匹配，因此没有加载模型。',
    'The index {path} declares {declared} bytes in total, the shards hold {found}; they do not match, so the model was not loaded.',
    wholeFolder,
  ),
} as const satisfies ErrorTable

const ggufHeader = {
  'format.gguf.magic': refused('{path} 不是 GGUF 文件，没有加载。', '{path} is not a GGUF file and was not loaded.', {
    zh: '请指定 .gguf 模型文件；若文件名正确，请重新下载。',
    en: 'Name a .gguf model file; if the name is right, download it again.',
  }),
  'format.gguf.legacy': refused(
    '{path} 是 GGUF 之前的旧格式（ggml/ggjt），缺少必要的信息，没有加载。',
    '{path} is in one of the formats before GGUF (ggml, ggjt), which lack needed information; it was not loaded.',
    { zh: '请使用该模型的 GGUF 版本。', en: 'Use a GGUF edition of the model.' },
  ),
  'format.gguf.big_endian': refused(
    '{path} 是大端字节序的 GGUF，本机不能读取，没有加载。',
    '{path} is a big-endian GGUF file, which cannot be read here; it was not loaded.',
    { zh: '请使用小端（通常的）版本。', en: 'Use the little-endian (usual) edition.' },
  ),
  'format.gguf.version': refused(
    '{path} 的 GGUF 版本是 {version}；只支持 2 和 3，因此没有加载。',
    '{path} has GGUF version {version}; only 2 and 3 are supported, so it was not loaded.',
    { zh: '请用当前的转换工具重新导出为版本 3。', en: 'Export it again as version 3 with a current converter.' },
  ),
  'format.gguf.truncated': refused(
    '{path}（{bytes} 字节）在文件头中间结束：文件被截断，没有加载。',
    '{path} ({bytes} bytes) ends in the middle of its header: it is cut off and was not loaded.',
    copyAgain,
  ),
  'format.gguf.count': refused(
    '{path} 声明有 {count} 个 {what} 条目，文件最多放得下 {possible} 个：文件已损坏或被截断，没有加载。',
    '{path} declares {count} {what} entries where at most {possible} can be: it is damaged or cut off and was not loaded.',
    copyAgain,
  ),
  'format.gguf.string_length': refused(
    '{path} 在偏移 {at} 处声明了 {length} 字节的文本，文件只剩 {remaining} 字节，没有加载。',
    '{path} declares a text of {length} bytes at offset {at} where only {remaining} are left; it was not loaded.',
    copyAgain,
  ),
  'format.gguf.array_length': refused(
    '{path} 的“{key}”声明有 {length} 个元素，剩余的 {remaining} 字节放不下，没有加载。',
    '"{key}" of {path} declares {length} items, more than the remaining {remaining} bytes can hold; it was not loaded.',
    copyAgain,
  ),
  'format.gguf.array_depth': refused(
    '{path} 的“{key}”中数组嵌套超过 {limit} 层，没有加载。',
    'Arrays in "{key}" of {path} are nested more than {limit} levels deep; it was not loaded.',
    distrust,
  ),
  'format.gguf.header_too_large': refused(
    '{path} 的文件头超过 {limit} 字节，没有加载。',
    'The header of {path} is larger than {limit} bytes; it was not loaded.',
    beyondLimit,
  ),
  'format.gguf.metadata_too_large': refused(
    '{path} 的元数据超过 {limit} 项，没有加载。',
    'The metadata of {path} has more than {limit} items; it was not loaded.',
    beyondLimit,
  ),
  'format.gguf.utf8': refused(
    '{path} 在偏移 {at} 处的文本不是有效的 UTF-8，没有加载。',
    'The text at offset {at} of {path} is not valid UTF-8; it was not loaded.',
    copyAgain,
  ),
  'format.gguf.key': refused(
    '{path} 中有不可用的元数据键（为空、含控制字符或超过 {limit} 字节），没有加载。',
    '{path} has an unusable metadata key (empty, with control characters, or longer than {limit} bytes); it was not loaded.',
    distrust,
  ),
  'format.gguf.duplicate_key': refused(
    '{path} 的元数据中“{key}”出现了两次，无法确定哪一个有效，没有加载。',
    'The metadata of {path} has "{key}" twice, so it is unclear which one counts; it was not loaded.',
    distrust,
  ),
  'format.gguf.value_type': refused(
    '{path} 中“{key}”的值类型 {type} 未知，之后的内容无法读取，没有加载。',
    '"{key}" of {path} has the unknown value type {type}, so nothing behind it can be read; it was not loaded.',
    copyAgain,
  ),
  'format.gguf.boolean': refused(
    '{path} 中有一个布尔值是 {value} 而不是 0 或 1，没有加载。',
    'A boolean in {path} is {value} instead of 0 or 1; it was not loaded.',
    copyAgain,
  ),
  'format.gguf.metadata_type': refused(
    'GGUF 元数据“{key}”的类型不对（应为 {expected}），模型没有加载。',
    'The GGUF metadata "{key}" has the wrong type (expected: {expected}), so the model was not loaded.',
    distrust,
  ),
  'format.gguf.alignment': refused(
    '{path} 的 general.alignment 是 {alignment}，不是 8 到 65536 之间的 2 的幂，没有加载。',
    'The general.alignment of {path} is {alignment}, not a power of two from 8 to 65536; it was not loaded.',
    distrust,
  ),
  'format.gguf.split': refused(
    '{path} 是拆成 {parts} 份的模型之一，单独一份不完整，没有加载。',
    '{path} is one of {parts} parts of a split model and incomplete by itself; it was not loaded.',
    {
      zh: '请先合并成一个文件（例如 llama-gguf-split --merge），再导入。',
      en: 'Merge the parts into one file first (llama-gguf-split --merge, for example), then import that.',
    },
  ),
} as const satisfies ErrorTable

const ggufTensors = {
  'format.gguf.tensor_name': refused(
    '{path} 中有不可用的张量名称（为空、含控制字符或超过 {limit} 字节），没有加载。',
    '{path} has an unusable tensor name (empty, with control characters, or longer than {limit} bytes); it was not loaded.',
    distrust,
  ),
  'format.gguf.duplicate_tensor': refused(
    '{path} 中张量“{tensor}”出现了两次，无法确定哪一个有效，没有加载。',
    '{path} has the tensor "{tensor}" twice, so it is unclear which one counts; it was not loaded.',
    distrust,
  ),
  'format.gguf.rank': refused(
    '{path} 中张量“{tensor}”有 {rank} 维，上限是 {limit}，没有加载。',
    'Tensor "{tensor}" of {path} has {rank} dimensions, {limit} is the most; it was not loaded.',
    copyAgain,
  ),
  'format.gguf.dimension': refused(
    '{path} 中张量“{tensor}”有长度为 0 的维度，没有加载。',
    'Tensor "{tensor}" of {path} has a dimension of length 0; it was not loaded.',
    distrust,
  ),
  'format.gguf.shape_overflow': refused(
    '{path} 中张量“{tensor}”的形状大到无法计算字节数，没有加载。',
    'The shape of tensor "{tensor}" of {path} is too large for its bytes to be counted; it was not loaded.',
    distrust,
  ),
  'format.gguf.row_size': refused(
    '{path} 中张量“{tensor}”每行 {row} 个值，不是类型 {type} 的块长 {block} 的整数倍，没有加载。',
    'Tensor "{tensor}" of {path} has rows of {row} values, not a multiple of the block of {block} of type {type}; it was not loaded.',
    distrust,
  ),
  'format.gguf.type_unknown': refused(
    '{path} 中张量“{tensor}”的类型编号 {type} 未知，没有加载。',
    'Tensor "{tensor}" of {path} has the unknown type number {type}; it was not loaded.',
    {
      zh: '文件可能损坏，或由更新的工具写出。请使用 F16、Q8_0 或 Q4_K 等常见类型的版本。',
      en: 'The file may be damaged or written by a newer tool. Use an edition in a common type such as F16, Q8_0 or Q4_K.',
    },
  ),
  'format.gguf.type_unsupported': refused(
    '{path} 中张量“{tensor}”的量化类型 {type} 尚不支持，模型没有加载。',
    'The quantisation {type} of tensor "{tensor}" in {path} is not supported, so the model was not loaded.',
    {
      zh: '支持 F32、F16、BF16、Q8_0、Q4_0、Q4_1、Q5_0、Q5_1、Q4_K、Q5_K、Q6_K，请换用其中之一。',
      en: 'Use an edition in F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K or Q6_K.',
    },
  ),
  'format.gguf.offset_alignment': refused(
    '{path} 中张量“{tensor}”的偏移 {offset} 没有按 {alignment} 对齐，没有加载。',
    'The offset {offset} of tensor "{tensor}" in {path} is not aligned to {alignment}; it was not loaded.',
    distrust,
  ),
  'format.gguf.overlap': refused(
    '{path} 中张量“{tensor}”从 {offset} 开始，与前一个张量（到 {covered}）重叠，没有加载。',
    'Tensor "{tensor}" of {path} begins at {offset}, inside the previous one (up to {covered}); it was not loaded.',
    distrust,
  ),
  'format.gguf.hole': refused(
    '{path} 中 {covered} 到 {offset}（张量“{tensor}”之前）有不属于任何张量的字节，没有加载。',
    'In {path} the bytes from {covered} to {offset}, before tensor "{tensor}", belong to no tensor; it was not loaded.',
    distrust,
  ),
  'format.gguf.data_truncated': refused(
    '{path} 应有 {expected} 字节的张量数据，实际只有 {found} 字节：文件被截断，没有加载。',
    '{path} should hold {expected} bytes of tensor data but has {found}: it is cut off and was not loaded.',
    copyAgain,
  ),
  'format.gguf.trailing_data': refused(
    '{path} 在最后一个张量之后还有 {bytes} 字节来历不明的内容，没有加载。',
    '{path} has {bytes} bytes of unexplained content behind the last tensor; it was not loaded.',
    distrust,
  ),
} as const satisfies ErrorTable

/** Tensor files: safetensors, GGUF, and what is neither. */
export const formatErrors = {
  ...anyFile,
  ...safetensorsFile,
  ...safetensorsFolder,
  ...ggufHeader,
  ...ggufTensors,
} as const satisfies ErrorTable
