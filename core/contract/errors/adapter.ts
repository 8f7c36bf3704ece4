import type { ErrorTable } from './entry.ts'

const damagedZip = {
  zh: '没有解压任何内容。请向提供者重新索取该文件，或重新导出。',
  en: 'Nothing was unpacked. Ask the sender for the file again, or export it again.',
} as const

const hostileZip = {
  zh: '没有解压任何内容。请勿使用该文件，并告知提供者；正常导出的文件不会出现这种情况。',
  en: 'Nothing was unpacked. Do not use this file and tell the sender; a proper export never looks like this.',
} as const

const zipErrors = {
  'format.zip.not_a_zip': {
    exit: 3,
    zh: { message: '该文件不是 zip 压缩包，或尾部缺失，因此无法读取。', hint: damagedZip.zh },
    en: { message: 'The file is not a zip archive or its end is missing, so it cannot be read.', hint: damagedZip.en },
  },
  'format.zip.truncated': {
    exit: 3,
    zh: { message: '压缩包在 {bytes} 字节处中断，内容不完整。', hint: damagedZip.zh },
    en: { message: 'The archive breaks off after {bytes} bytes; it is not complete.', hint: damagedZip.en },
  },
  'format.zip.damaged': {
    exit: 3,
    zh: { message: '压缩包的目录结构已损坏，内容不可信。', hint: damagedZip.zh },
    en: { message: 'The structure of the archive is damaged; its contents cannot be relied on.', hint: damagedZip.en },
  },
  'format.zip.header_mismatch': {
    exit: 3,
    zh: { message: '压缩包中“{name}”的两处记录互相矛盾，内容不可信。', hint: damagedZip.zh },
    en: {
      message: 'The archive describes "{name}" twice and differently; its contents cannot be relied on.',
      hint: damagedZip.en,
    },
  },
  'format.zip.not_canonical': {
    exit: 3,
    zh: { message: '压缩包在第 {position} 字节处与导出时的固定格式不同，说明文件被改动过。', hint: damagedZip.zh },
    en: {
      message: 'At byte {position} the archive differs from the fixed form it was exported in: it was changed.',
      hint: damagedZip.en,
    },
  },
  'format.zip.crc': {
    exit: 3,
    zh: { message: '“{name}”的校验和不符，内容已损坏。', hint: damagedZip.zh },
    en: { message: 'The checksum of "{name}" is wrong: its contents are damaged.', hint: damagedZip.en },
  },
  'format.zip.inflate': {
    exit: 3,
    zh: { message: '“{name}”的压缩数据已损坏，无法解压。', hint: damagedZip.zh },
    en: { message: 'The compressed data of "{name}" is damaged and cannot be unpacked.', hint: damagedZip.en },
  },
  'format.zip.size_lie': {
    exit: 3,
    zh: { message: '“{name}”的实际大小与声明的 {size} 字节不符，已停止解压。', hint: hostileZip.zh },
    en: {
      message: '"{name}" does not have the declared size of {size} bytes; unpacking was stopped.',
      hint: hostileZip.en,
    },
  },
  'format.zip.unsupported': {
    exit: 3,
    zh: {
      message: '压缩包使用了不支持的特性（{feature}），因此没有读取。',
      hint: '请用普通 zip（存储或 deflate）重新打包。',
    },
    en: {
      message: 'The archive uses a feature that is not supported ({feature}), so it was not read.',
      hint: 'Pack it again as a plain zip (stored or deflated).',
    },
  },
  'format.zip.encrypted': {
    exit: 3,
    zh: { message: '“{name}”已加密，无法读取。', hint: '请向提供者索取未加密的文件。' },
    en: { message: '"{name}" is encrypted and cannot be read.', hint: 'Ask the sender for a file without encryption.' },
  },
  'format.zip.comment': {
    exit: 3,
    zh: { message: '压缩包带有附加注释，其中可能藏有内容，因此被拒绝。', hint: '请在不加注释的情况下重新打包。' },
    en: {
      message: 'The archive carries a comment, which can hide content, so it was refused.',
      hint: 'Pack it again without comments.',
    },
  },
  'format.zip.path_absolute': {
    exit: 3,
    zh: { message: '压缩包想把文件写到绝对路径“{name}”，已拒绝。', hint: hostileZip.zh },
    en: { message: 'The archive wants to write to the absolute path "{name}"; refused.', hint: hostileZip.en },
  },
  'format.zip.path_escape': {
    exit: 3,
    zh: { message: '压缩包想通过“{name}”写到目标文件夹之外，已拒绝。', hint: hostileZip.zh },
    en: { message: 'The archive wants to leave its folder through "{name}"; refused.', hint: hostileZip.en },
  },
  'format.zip.name_invalid': {
    exit: 3,
    zh: {
      message: '压缩包中的文件名“{name}”含有特殊字符、保留名称或过长，在某些系统上会变成别的文件，因此被拒绝。',
      hint: '请让提供者用普通文件名重新打包。',
    },
    en: {
      message:
        'The file name "{name}" has special characters, a reserved word or too great a length and would mean another file on some systems; refused.',
      hint: 'Ask the sender to pack it again with plain file names.',
    },
  },
  'format.zip.name_encoding': {
    exit: 3,
    zh: { message: '文件名“{name}”不是 UTF-8 编码，无法确定其含义。', hint: '请用 UTF-8 文件名重新打包。' },
    en: {
      message: 'The file name "{name}" is not UTF-8, so its meaning is uncertain.',
      hint: 'Pack it again with UTF-8 file names.',
    },
  },
  'format.zip.duplicate': {
    exit: 3,
    zh: { message: '压缩包中“{name}”出现了两次，无法确定哪一个有效。', hint: hostileZip.zh },
    en: { message: 'The archive holds "{name}" twice; which one counts is uncertain.', hint: hostileZip.en },
  },
  'format.zip.case_collision': {
    exit: 3,
    zh: { message: '压缩包中的“{name}”与“{other}”在某些系统上是同一个文件，会互相覆盖。', hint: hostileZip.zh },
    en: {
      message: 'In the archive, "{name}" and "{other}" are one file on some systems and would overwrite each other.',
      hint: hostileZip.en,
    },
  },
  'format.zip.link': {
    exit: 3,
    zh: { message: '压缩包中的“{name}”是链接，可能指向文件夹之外，已拒绝。', hint: hostileZip.zh },
    en: { message: '"{name}" in the archive is a link, which can lead outside; refused.', hint: hostileZip.en },
  },
  'format.zip.special_file': {
    exit: 3,
    zh: { message: '压缩包中的“{name}”不是普通文件，已拒绝。', hint: hostileZip.zh },
    en: { message: '"{name}" in the archive is not a plain file; refused.', hint: hostileZip.en },
  },
  'format.zip.overlap': {
    exit: 3,
    zh: { message: '压缩包中的数据区互相重叠（“{name}”），这是压缩炸弹的手法，已拒绝。', hint: hostileZip.zh },
    en: {
      message: 'Data areas of the archive overlap ("{name}"), a trick of decompression bombs; refused.',
      hint: hostileZip.en,
    },
  },
  'format.zip.hidden_bytes': {
    exit: 3,
    zh: { message: '压缩包在第 {position} 字节处藏有 {bytes} 字节不属于任何文件的数据，已拒绝。', hint: hostileZip.zh },
    en: {
      message: 'At byte {position} the archive hides {bytes} bytes that belong to no file; refused.',
      hint: hostileZip.en,
    },
  },
  'format.zip.too_many_entries': {
    exit: 3,
    zh: { message: '压缩包含有 {entries} 个文件，超过上限 {limit}。', hint: '请减少文件数量后重新打包。' },
    en: { message: 'The archive holds {entries} files; the limit is {limit}.', hint: 'Pack fewer files.' },
  },
  'format.zip.too_large': {
    exit: 3,
    zh: {
      message: '“{name}”解压后为 {size} 字节，超过上限 {limit} 字节。',
      hint: '请拆分文件，或确认它确实来自可靠的提供者。',
    },
    en: {
      message: '"{name}" unpacks to {size} bytes; the limit is {limit} bytes.',
      hint: 'Split the file, or make sure that it really comes from a sender you rely on.',
    },
  },
  'format.zip.bomb': {
    exit: 3,
    zh: {
      message: '{fileSize} 字节的压缩包声称解压后有 {size} 字节（{ratio} 倍），像是压缩炸弹，已拒绝。',
      hint: hostileZip.zh,
    },
    en: {
      message:
        'An archive of {fileSize} bytes claims to unpack to {size} bytes ({ratio}:1), like a decompression bomb; refused.',
      hint: hostileZip.en,
    },
  },
} as const satisfies ErrorTable

const peftErrors = {
  'adapter.config_missing': {
    exit: 3,
    zh: {
      message: '无法读取适配器配置“{path}”，该文件夹不是完整的适配器。',
      hint: '请指定含有 adapter_config.json 和 adapter_model.safetensors 的文件夹。',
    },
    en: {
      message: 'The adapter configuration "{path}" cannot be read, so the folder is not a complete adapter.',
      hint: 'Name a folder with adapter_config.json and adapter_model.safetensors.',
    },
  },
  'adapter.config_invalid': {
    exit: 3,
    zh: { message: '适配器配置中的“{member}”无效，无法加载该适配器。', hint: '请从训练它的工具重新导出适配器。' },
    en: {
      message: 'The adapter configuration has an invalid "{member}", so the adapter cannot be loaded.',
      hint: 'Export the adapter again from the tool that trained it.',
    },
  },
  'adapter.type_unsupported': {
    exit: 3,
    zh: { message: '适配器类型“{type}”不受支持，这里只能加载 LoRA。', hint: '请使用 peft_type 为 LORA 的适配器。' },
    en: {
      message: 'Adapters of type "{type}" are not supported; only LoRA can be loaded.',
      hint: 'Use an adapter whose peft_type is LORA.',
    },
  },
  'adapter.task_unsupported': {
    exit: 3,
    zh: {
      message: '适配器用于任务“{task}”，这里只支持因果语言模型（CAUSAL_LM）。',
      hint: '请使用为因果语言模型训练的适配器。',
    },
    en: {
      message: 'The adapter is for the task "{task}"; only causal language models (CAUSAL_LM) are supported.',
      hint: 'Use an adapter trained for a causal language model.',
    },
  },
  'adapter.option_unsupported': {
    exit: 3,
    zh: {
      message: '适配器使用了选项“{option}”（{value}），忽略它会得到错误的结果，因此没有加载。',
      hint: '请关闭该选项重新训练，或先把适配器转换为普通 LoRA。',
    },
    en: {
      message:
        'The adapter uses the option "{option}" ({value}); ignoring it would give wrong results, so it was not loaded.',
      hint: 'Train again without it, or convert the adapter to plain LoRA first.',
    },
  },
  'adapter.pickle': {
    exit: 3,
    zh: {
      message: '“{folder}”中的权重是 pickle 文件（adapter_model.bin），加载它可能执行任意代码，因此被拒绝。',
      hint: '请让提供者改用 safetensors 格式保存。',
    },
    en: {
      message:
        'The weights in "{folder}" are a pickle (adapter_model.bin), which can run any code when loaded; refused.',
      hint: 'Ask the sender to save them as safetensors.',
    },
  },
  'adapter.weights_missing': {
    exit: 3,
    zh: {
      message: '“{folder}”中没有 adapter_model.safetensors，适配器不完整。',
      hint: '请重新复制完整的适配器文件夹。',
    },
    en: {
      message: 'There is no adapter_model.safetensors in "{folder}"; the adapter is not complete.',
      hint: 'Copy the whole adapter folder again.',
    },
  },
  'adapter.empty': {
    exit: 3,
    zh: { message: '适配器中没有任何矩阵，加载它不会改变模型。', hint: '请检查导出是否完成。' },
    en: {
      message: 'The adapter holds no matrices; it would change nothing.',
      hint: 'Check that its export was completed.',
    },
  },
  'adapter.tensor_unexpected': {
    exit: 3,
    zh: { message: '适配器含有不属于它的张量“{tensor}”，无法确定其作用。', hint: '请从训练它的工具重新导出适配器。' },
    en: {
      message: 'The adapter holds the tensor "{tensor}", which does not belong there; its effect is uncertain.',
      hint: 'Export the adapter again from the tool that trained it.',
    },
  },
  'adapter.tensor_missing': {
    exit: 3,
    zh: { message: '适配器缺少张量“{tensor}”，这一层无法计算。', hint: '请重新复制或导出适配器。' },
    en: {
      message: 'The adapter lacks the tensor "{tensor}", so this layer cannot be computed.',
      hint: 'Copy or export the adapter again.',
    },
  },
  'adapter.shape_mismatch': {
    exit: 3,
    zh: {
      message: '适配器在“{module}”处的矩阵大小不符，无法与模型相乘。',
      hint: '请确认适配器与基础模型相配，配置中的秩与权重一致。',
    },
    en: {
      message: 'The matrices of the adapter at "{module}" have sizes that do not fit.',
      hint: 'Make sure that the adapter belongs to this base model and that its rank is the configured one.',
    },
  },
  'adapter.module_missing': {
    exit: 3,
    zh: { message: '基础模型中没有适配器所需的层“{module}”。', hint: '请选择训练该适配器时使用的基础模型。' },
    en: {
      message: 'The base model has no layer "{module}", which the adapter needs.',
      hint: 'Choose the base model that the adapter was trained on.',
    },
  },
  'adapter.dtype_unsupported': {
    exit: 3,
    zh: {
      message: '适配器张量“{tensor}”的类型为 {dtype}，这里只读取 F32、F16 和 BF16。',
      hint: '请用浮点类型重新保存适配器。',
    },
    en: {
      message: 'The adapter tensor "{tensor}" has the type {dtype}; only F32, F16 and BF16 are read.',
      hint: 'Save the adapter again in a floating-point type.',
    },
  },
  'adapter.not_finite': {
    exit: 3,
    zh: {
      message: '适配器张量“{tensor}”含有非有限数值（NaN 或无穷大），会毁掉所有输出。',
      hint: '请使用训练正常时的检查点。',
    },
    en: {
      message: 'The adapter tensor "{tensor}" holds a value that is not finite, which would spoil every output.',
      hint: 'Use a checkpoint from before the training diverged.',
    },
  },
  'adapter.fingerprint_invalid': {
    exit: 3,
    zh: { message: '适配器中记录的基础模型指纹无法读取，因此无法确认它属于哪个模型。', hint: '请重新导出适配器。' },
    en: {
      message: 'The base-model fingerprint inside the adapter cannot be read, so its model is uncertain.',
      hint: 'Export the adapter again.',
    },
  },
  'adapter.base_id_path': {
    exit: 3,
    zh: {
      message: '基础模型标识“{id}”看起来是路径或含有不允许的字符；导出的文件不能带有本机路径。',
      hint: '请用 airlock model add PATH --name ID 给模型起一个简单的标识。',
    },
    en: {
      message:
        'The base model id "{id}" looks like a path or has characters that are not allowed; an export must not name a path of this machine.',
      hint: 'Give the model a plain id with airlock model add PATH --name ID.',
    },
  },
  'adapter.base_different': {
    exit: 4,
    zh: {
      message: '适配器“{adapter}”是为另一个基础模型训练的，与这里的模型（{model}）不符，因此被拒绝。',
      hint: '请先登记训练它时使用的基础模型（airlock model add），再试一次。',
    },
    en: {
      message: 'The adapter "{adapter}" was trained on another base model than the one here ({model}); refused.',
      hint: 'Register the base model it was trained on (airlock model add), then try again.',
    },
  },
  'adapter.folder_exists': {
    exit: 3,
    zh: { message: '文件夹“{folder}”已存在且不为空，没有写入任何内容。', hint: '请换一个文件夹，或先移走它。' },
    en: {
      message: 'The folder "{folder}" exists and is not empty; nothing was written.',
      hint: 'Choose another folder or move this one away.',
    },
  },
  'adapter.write_failed': {
    exit: 5,
    zh: { message: '无法写入文件夹“{folder}”（{reason}），没有留下不完整的内容。', hint: '请检查磁盘空间和写入权限。' },
    en: {
      message: 'The folder "{folder}" could not be written ({reason}); nothing incomplete was left.',
      hint: 'Check the free space and the permission to write.',
    },
  },
  'adapter.unknown': {
    exit: 3,
    zh: {
      message: '找不到适配器“{adapter}”：它不是已导入的适配器、已完成的训练，也不是适配器文件夹或交接包。',
      hint: '已导入的适配器：{known}。路径请检查拼写；训练编号见 airlock runs。',
    },
    en: {
      message:
        'There is no adapter "{adapter}": it is neither an imported adapter nor a finished run, an adapter folder or a bundle.',
      hint: 'Imported here: {known}. Check the spelling of a path; see run ids with airlock runs.',
    },
  },
  'adapter.changed': {
    exit: 4,
    zh: {
      message: '适配器“{adapter}”的文件“{path}”与登记时不同（被改动、损坏或丢失），因此拒绝使用。',
      hint: '请从原来的交接包重新导入（airlock import）；自己训练的适配器请重新运行。',
    },
    en: {
      message:
        'The file "{path}" of the adapter "{adapter}" is not what was registered (changed, damaged or missing), so it is not used.',
      hint: 'Import its bundle again (airlock import); run the recipe again for an adapter of your own.',
    },
  },
  'adapter.folder_unsigned': {
    exit: 4,
    zh: {
      message: '“{folder}”是没有签名的适配器文件夹，无法知道它来自谁、是否被改动，因此没有导入。',
      hint: '请让提供者用 airlock export 导出带签名的交接包；若信任其来源，也可以用 --adapter 直接使用该文件夹。',
    },
    en: {
      message:
        '"{folder}" is an adapter folder without a signature, so its origin and integrity are unknown; it was not imported.',
      hint: 'Ask the sender for a signed bundle (airlock export); if you rely on its origin, use the folder itself with --adapter.',
    },
  },
} as const satisfies ErrorTable

const alteredBundle = {
  zh: '没有导入任何内容。请通过可靠的途径向签名者重新索取该文件。',
  en: 'Nothing was imported. Ask the signer for the file again, by a way you rely on.',
} as const

const bundleErrors = {
  'bundle.manifest_missing': {
    exit: 3,
    zh: {
      message: '该文件中没有 manifest.json，不是 Airlock 交接包。',
      hint: '请选择用 airlock export --format bundle 导出的 .airlock 文件。',
    },
    en: {
      message: 'The file has no manifest.json, so it is not an Airlock bundle.',
      hint: 'Choose an .airlock file made by airlock export --format bundle.',
    },
  },
  'bundle.manifest_invalid': {
    exit: 3,
    zh: { message: '交接包的清单有误（{place}），无法判断其内容。', hint: '请让提供者重新导出交接包。' },
    en: {
      message: 'The manifest of the bundle is not valid ({place}), so its contents cannot be judged.',
      hint: 'Ask the sender to export the bundle again.',
    },
  },
  'bundle.schema_newer': {
    exit: 3,
    zh: { message: '交接包的格式版本为 {version}，本程序只认识到 {known}。', hint: '请升级 Airlock 后再打开。' },
    en: {
      message: 'The bundle has format version {version}; this release knows up to {known}.',
      hint: 'Update Airlock, then open it again.',
    },
  },
  'bundle.kind_unknown': {
    exit: 3,
    zh: { message: '交接包的种类“{kind}”不受支持。', hint: '请升级 Airlock，或索取适配器交接包。' },
    en: {
      message: 'Bundles of the kind "{kind}" are not supported.',
      hint: 'Update Airlock, or ask for an adapter bundle.',
    },
  },
  'bundle.signature_invalid': {
    exit: 4,
    zh: { message: '签名与清单不符：交接包在签名之后被改动过，因此被拒绝。', hint: alteredBundle.zh },
    en: {
      message: 'The signature does not fit the manifest: the bundle was altered after signing; refused.',
      hint: alteredBundle.en,
    },
  },
  'bundle.file_missing': {
    exit: 4,
    zh: { message: '清单中的文件“{path}”不在交接包里：交接包被改动过，因此被拒绝。', hint: alteredBundle.zh },
    en: {
      message: 'The signed file "{path}" is missing: the bundle was altered; refused.',
      hint: alteredBundle.en,
    },
  },
  'bundle.file_unlisted': {
    exit: 4,
    zh: { message: '交接包里有未经签名的文件“{path}”：交接包被改动过，因此被拒绝。', hint: alteredBundle.zh },
    en: {
      message: 'The bundle holds the file "{path}", which nobody signed: it was altered; refused.',
      hint: alteredBundle.en,
    },
  },
  'bundle.file_size': {
    exit: 4,
    zh: { message: '文件“{path}”的大小与签名时不同：交接包被改动过，因此被拒绝。', hint: alteredBundle.zh },
    en: {
      message: 'The file "{path}" has another size than when it was signed: the bundle was altered; refused.',
      hint: alteredBundle.en,
    },
  },
  'bundle.file_digest': {
    exit: 4,
    zh: { message: '文件“{path}”的内容与签名时不同：交接包被改动或损坏，因此被拒绝。', hint: alteredBundle.zh },
    en: {
      message: 'The contents of "{path}" differ from what was signed: the bundle was altered or damaged; refused.',
      hint: alteredBundle.en,
    },
  },
  'bundle.unsigned': {
    exit: 4,
    zh: {
      message: '交接包“{name}”没有签名，无法知道它来自谁、是否被改动，因此被拒绝。',
      hint: '请让提供者用 airlock export 重新导出带签名的交接包。',
    },
    en: {
      message: 'The bundle "{name}" is not signed, so its origin and integrity are unknown; refused.',
      hint: 'Ask the sender to export it again with airlock export, which signs it.',
    },
  },
  'bundle.revoked': {
    exit: 4,
    zh: {
      message: '交接包“{name}”的签名密钥（{signer}，{keyId}）已被吊销，因此被拒绝。',
      hint: '请联系签名者，索取用新密钥签名的交接包。',
    },
    en: {
      message: 'The key that signed the bundle "{name}" ({signer}, {keyId}) was revoked here; refused.',
      hint: 'Ask the signer for a bundle signed with a new key.',
    },
  },
  'bundle.signer_unknown': {
    exit: 4,
    zh: {
      message: '交接包“{name}”的签名有效，但签名密钥 {keyId} 不在信任列表中，因此被拒绝。',
      hint: '请当面或用其他可靠途径核对密钥编号，再用 airlock keys trust FILE 信任该签名者。',
    },
    en: {
      message: 'The bundle "{name}" is validly signed, but by the key {keyId}, which is not trusted here; refused.',
      hint: 'Compare the key id with the signer by another way, then trust it with airlock keys trust FILE.',
    },
  },
} as const satisfies ErrorTable

const keyErrors = {
  'keys.exists': {
    exit: 3,
    zh: {
      message: '此工作区已有签名身份（{path}）；覆盖它会永久丢失私钥，因此没有新建。',
      hint: '用 airlock keys show 查看现有身份。',
    },
    en: {
      message:
        'This workspace already has a signing identity ({path}); replacing it would lose the private key for ever, so none was made.',
      hint: 'See the present one with airlock keys show.',
    },
  },
  'keys.none': {
    exit: 3,
    zh: { message: '此工作区还没有签名身份，无法签名。', hint: '用 airlock keys create --name 姓名 创建一个。' },
    en: {
      message: 'This workspace has no signing identity yet, so nothing can be signed.',
      hint: 'Create one with airlock keys create --name NAME.',
    },
  },
  'keys.name_invalid': {
    exit: 2,
    zh: {
      message: '身份名称为空、过长或含有控制字符，没有创建身份。',
      hint: '请用 1 到 200 个普通字符，例如姓名或部门。',
    },
    en: {
      message: 'The name of the identity is empty, too long or has control characters; none was made.',
      hint: 'Use 1 to 200 plain characters, such as a person or a department.',
    },
  },
  'keys.passphrase_empty': {
    exit: 2,
    zh: {
      message: '口令为空，不能保护私钥，没有创建身份。',
      hint: '请输入口令，或不使用口令（此时仅靠文件权限保护）。',
    },
    en: {
      message: 'The passphrase is empty and would protect nothing; no identity was made.',
      hint: 'Type a passphrase, or leave it out (the file permissions are then the only protection).',
    },
  },
  'keys.passphrase_required': {
    exit: 3,
    zh: { message: '身份 {id} 的私钥已加密，没有口令就无法签名。', hint: '请输入创建身份时设置的口令。' },
    en: {
      message: 'The private key of the identity {id} is encrypted; without its passphrase nothing can be signed.',
      hint: 'Give the passphrase chosen when the identity was created.',
    },
  },
  'keys.passphrase_wrong': {
    exit: 3,
    zh: {
      message: '口令不正确，或身份文件被改动；身份 {id} 的私钥没有解锁。',
      hint: '请重新输入口令；如确认无误，请从备份恢复身份文件。',
    },
    en: {
      message: 'The passphrase is wrong or the identity file was changed; the private key of {id} stays locked.',
      hint: 'Type the passphrase again; if it is certainly right, restore the identity file from a backup.',
    },
  },
  'keys.permissions_open': {
    exit: 4,
    zh: {
      message: '密钥文件“{path}”的权限（{mode}）允许其他账户访问，因此拒绝使用。',
      hint: '请执行 chmod 600，并考虑该密钥是否已泄露；如有疑问请吊销并新建。',
    },
    en: {
      message: 'The key file "{path}" lets other accounts in (mode {mode}), so it is not used.',
      hint: 'Run chmod 600 on it and consider whether it was copied; in doubt revoke it and make a new one.',
    },
  },
  'keys.file_invalid': {
    exit: 3,
    zh: {
      message: '身份文件“{path}”已损坏或不可读，无法签名。',
      hint: '请从备份恢复；如没有备份，请新建身份并告知同事。',
    },
    en: {
      message: 'The identity file "{path}" is damaged or unreadable, so nothing can be signed.',
      hint: 'Restore it from a backup; without one, make a new identity and tell your colleagues.',
    },
  },
  'keys.public_invalid': {
    exit: 3,
    zh: {
      message: '“{path}”不是有效的公钥文件，没有信任任何密钥。',
      hint: '请向对方索取用 airlock keys export 导出的文件。',
    },
    en: {
      message: '"{path}" is not a valid public key file; no key was trusted.',
      hint: 'Ask for a file made by airlock keys export.',
    },
  },
  'keys.trust_invalid': {
    exit: 3,
    zh: { message: '信任列表“{path}”已损坏，无法判断签名者。', hint: '请从备份恢复，或移走该文件后重新信任各个公钥。' },
    en: {
      message: 'The trust store "{path}" is damaged, so signers cannot be judged.',
      hint: 'Restore it from a backup, or move it away and trust the public keys again.',
    },
  },
  'keys.unknown': {
    exit: 3,
    zh: { message: '信任列表中没有密钥 {id}，没有更改任何内容。', hint: '用 airlock keys list 查看密钥编号。' },
    en: { message: 'No key {id} is known here; nothing was changed.', hint: 'See the key ids with airlock keys list.' },
  },
  'keys.revoked': {
    exit: 4,
    zh: { message: '密钥 {id}（{name}）已于 {revoked} 吊销，不能再次信任。', hint: '请让对方新建身份并发送新的公钥。' },
    en: {
      message: 'The key {id} ({name}) was revoked on {revoked} and cannot be trusted again.',
      hint: 'Ask its owner to make a new identity and to send the new public key.',
    },
  },
  'keys.export_exists': {
    exit: 3,
    zh: { message: '“{path}”已经存在；为避免覆盖，没有导出公钥。', hint: '请用 --to 指定另一个文件名。' },
    en: {
      message: '"{path}" exists already; the public key was not exported, so that nothing is overwritten.',
      hint: 'Name another file with --to.',
    },
  },
  'keys.id_collision': {
    exit: 4,
    zh: {
      message: '该公钥与已信任的“{name}”编号相同（{id}）但内容不同，可能是伪造的，因此被拒绝。',
      hint: '请当面与双方核对公钥。',
    },
    en: {
      message: 'This public key has the id {id} of the trusted "{name}" but is another key, perhaps forged; refused.',
      hint: 'Compare the public keys with both owners in person.',
    },
  },
} as const satisfies ErrorTable

export const adapterErrors = {
  ...zipErrors,
  ...peftErrors,
  ...bundleErrors,
  ...keyErrors,
} as const satisfies ErrorTable
