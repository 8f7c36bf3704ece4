import type { ErrorTable } from './entry.ts'

/** Tables and rows: reading files, mapping columns, duplicates, leaks, split, balance. */
export const dataErrors = {
  'data.file_missing': {
    exit: 3,
    zh: {
      message: '找不到数据文件 {path}，因此没有读取任何内容。',
      hint: '请检查路径；配方里的路径相对于配方所在的文件夹。',
    },
    en: {
      message: 'The data file {path} does not exist, so nothing was read.',
      hint: "Check the path; paths in a recipe are relative to the recipe's own folder.",
    },
  },
  'data.file_unreadable': {
    exit: 3,
    zh: { message: '无法读取 {path}（系统原因：{reason}）。', hint: '请确认它是文件而不是文件夹，并且您有读取权限。' },
    en: {
      message: 'Cannot read {path} (system reason: {reason}).',
      hint: 'Make sure that it is a file, not a folder, and that you may read it.',
    },
  },
  'data.file_changed': {
    exit: 3,
    zh: {
      message: '读取期间文件 {file} 被改动，已读到的内容不可信，任务已停止。',
      hint: '请关闭正在编辑该文件的程序，然后重试。',
    },
    en: {
      message: 'The file {file} changed while it was being read, so what was read cannot be trusted.',
      hint: 'Close the program that is editing the file, then try again.',
    },
  },
  'data.empty': {
    exit: 3,
    zh: { message: '文件 {file} 是空的，没有可用的数据。', hint: '请选择含有表头和数据行的文件。' },
    en: {
      message: 'The file {file} is empty; there is no data to use.',
      hint: 'Choose a file with a header and at least one row.',
    },
  },
  'data.no_rows': {
    exit: 3,
    zh: {
      message: '文件 {file} 里没有数据行（可能只有表头）。',
      hint: '请在表头下面加入数据行；如果第一行就是数据，请补上表头。',
    },
    en: {
      message: 'The file {file} holds no rows (perhaps only a header).',
      hint: 'Add rows below the header; if the first line is data already, put a header above it.',
    },
  },
  'data.format_unknown': {
    exit: 3,
    zh: {
      message: '无法识别 {file} 的表格格式（内容看起来是：{detected}），因此没有读取。',
      hint: '请另存为 CSV、TSV、JSON、JSONL 或 TXT。',
    },
    en: {
      message: 'The table format of {file} is not known (its content looks like: {detected}), so it was not read.',
      hint: 'Save it as CSV, TSV, JSON, JSONL or TXT.',
    },
  },
  'data.encoding.invalid': {
    exit: 3,
    zh: {
      message:
        '文件 {file} 第 {line} 行（第 {position} 字节）不是合法的 {encoding} 文本；继续读取会产生错误文字，因此已停止。',
      hint: '请用原来的程序打开文件，修正该处，再另存为 UTF-8。',
    },
    en: {
      message:
        'Line {line} of {file} (byte {position}) is not valid {encoding}; reading on would show wrong characters, so reading stopped.',
      hint: 'Open the file in the program it came from, correct that place and save it as UTF-8.',
    },
  },
  'data.encoding.unknown': {
    exit: 3,
    zh: {
      message:
        '无法确定 {file} 的文字编码（第 {position} 字节起不是 UTF-8，也不像 UTF-16、GB18030 或 Big5）。猜测会产生乱码，因此没有读取。',
      hint: '请用原来的程序打开文件，另存为 UTF-8。',
    },
    en: {
      message:
        'The character encoding of {file} cannot be told (not UTF-8 from byte {position} on, and not convincingly UTF-16, GB18030 or Big5). A guess could garble the text, so it was not read.',
      hint: 'Open the file in the program it came from and save it as UTF-8.',
    },
  },
  'data.encoding.unsupported': {
    exit: 3,
    zh: { message: '文件 {file} 使用 {encoding} 编码，目前不支持，因此没有读取。', hint: '请另存为 UTF-8。' },
    en: { message: 'The file {file} is encoded in {encoding}, which is not supported.', hint: 'Save it as UTF-8.' },
  },
  'data.cell_too_large': {
    exit: 3,
    zh: {
      message: '文件 {file} 从第 {line} 行开始的数据行里，“{column}”列的一个单元格超过 {limit} 个字符，已停止读取。',
      hint: '请检查该行附近是否缺少收尾的引号；如果内容确实这么长，请拆成多行。',
    },
    en: {
      message:
        'In {file}, the row that begins on line {line} has a cell of more than {limit} characters (column {column}).',
      hint: 'Look for a missing closing quotation mark near that line; if the text really is that long, split it into rows.',
    },
  },
  'data.row_too_large': {
    exit: 3,
    zh: {
      message: '文件 {file} 从第 {line} 行开始的一行数据超过 {limit} 个字符，已停止读取。',
      hint: '请检查该处的引号和换行，或拆分这一行。',
    },
    en: {
      message: 'In {file}, the row that begins on line {line} has more than {limit} characters.',
      hint: 'Check quotation marks and line breaks there, or split the row.',
    },
  },
  'data.too_many_columns': {
    exit: 3,
    zh: {
      message: '文件 {file} 第 {line} 行有 {found} 列以上，最多允许 {limit} 列。',
      hint: '请检查分隔符是否正确，或删去不需要的列。',
    },
    en: {
      message: 'Line {line} of {file} has {found} columns or more; {limit} are allowed.',
      hint: 'Check the cell separator, or remove columns that are not needed.',
    },
  },
  'data.csv.ragged': {
    exit: 3,
    zh: {
      message:
        '文件 {file} 第 {line} 行有 {found} 个单元格，而表头有 {expected} 列；对不齐的数据会错位，因此没有导入。',
      hint: '请补齐或删去多余的单元格；单元格里含有分隔符时要加引号。',
    },
    en: {
      message:
        'Line {line} of {file} has {found} cells but the header has {expected}; cells would land in wrong columns, so nothing was imported.',
      hint: 'Add or remove cells on that line; a cell that holds the separator must stand in quotation marks.',
    },
  },
  'data.csv.unclosed_quote': {
    exit: 3,
    zh: {
      message: '文件 {file} 从第 {line} 行开始的数据行里，引号一直没有关闭，后面的内容全被当成了一个单元格。',
      hint: '请在该单元格末尾补上引号（"）。',
    },
    en: {
      message:
        'In {file}, a quotation mark in the row that begins on line {line} is never closed, so the rest of the file became one cell.',
      hint: 'Add the closing quotation mark (") to that cell.',
    },
  },
  'data.csv.stray_quote': {
    exit: 3,
    zh: {
      message: '文件 {file} 从第 {line} 行开始的数据行里，引号出现在单元格中间，无法确定单元格的边界。',
      hint: '请给整个单元格加引号，并把里面的每个引号写成两个（""）。',
    },
    en: {
      message:
        'In {file}, the row that begins on line {line} has a quotation mark inside a cell, so it is unclear where the cell ends.',
      hint: 'Put the whole cell in quotation marks and double each one inside it ("").',
    },
  },
  'data.header.empty': {
    exit: 3,
    zh: {
      message: '文件 {file} 第 {line} 行的第 {column} 列没有列名，无法对应数据。',
      hint: '请给每一列起名，或删去多余的空列。',
    },
    en: {
      message: 'Column {column} on line {line} of {file} has no name, so it cannot be referred to.',
      hint: 'Name every column, or remove the empty one.',
    },
  },
  'data.header.duplicate': {
    exit: 3,
    zh: {
      message: '文件 {file} 第 {line} 行里列名“{column}”出现了两次，无法确定使用哪一列。',
      hint: '请让每个列名都不相同。',
    },
    en: {
      message:
        'The column name "{column}" appears twice on line {line} of {file}, so it is unclear which one is meant.',
      hint: 'Give every column its own name.',
    },
  },
  'data.header.reserved': {
    exit: 3,
    zh: { message: '文件 {file} 第 {line} 行使用了保留的列名“{column}”。', hint: '请换一个列名。' },
    en: {
      message: 'Line {line} of {file} uses the reserved column name "{column}".',
      hint: 'Choose another column name.',
    },
  },
  'data.json.invalid': {
    exit: 3,
    zh: {
      message: '文件 {file} 第 {line} 行附近不是合法的 JSON，因此没有导入。',
      hint: '请检查该处的逗号、引号和括号，以及文件是否被截断。',
    },
    en: {
      message: 'The file {file} is not valid JSON near line {line}, so nothing was imported.',
      hint: 'Check commas, quotation marks and brackets there, and whether the file was cut off.',
    },
  },
  'data.json.not_table': {
    exit: 3,
    zh: {
      message: '文件 {file} 不是表格形式的 JSON：需要一个对象数组，或含有数组成员 data 的对象。',
      hint: '如果每行一个对象，请把扩展名改为 .jsonl；否则请导出为 [{…}, {…}]。',
    },
    en: {
      message:
        'The file {file} is no table in JSON: an array of objects is needed, or an object whose member data is one.',
      hint: 'If it holds one object a line, rename it to .jsonl; otherwise export it as [{…}, {…}].',
    },
  },
  'data.json.not_object': {
    exit: 3,
    zh: {
      message: '文件 {file} 第 {line} 行的数据不是 JSON 对象，无法按列名取值。',
      hint: '请把每一行写成 {"列名": "值"} 的形式。',
    },
    en: {
      message: 'The row on line {line} of {file} is not a JSON object, so it has no columns.',
      hint: 'Write each row as {"column": "value"}.',
    },
  },
  'data.json.too_deep': {
    exit: 3,
    zh: {
      message: '文件 {file} 第 {line} 行的 JSON 嵌套超过 {limit} 层，已停止读取。',
      hint: '请把数据展开成简单的列。',
    },
    en: {
      message: 'The JSON on line {line} of {file} is nested more than {limit} levels deep.',
      hint: 'Flatten the data into plain columns.',
    },
  },
  'data.json.duplicate_key': {
    exit: 3,
    zh: { message: '文件 {file} 第 {line} 行的 JSON 对象里有重复的键，无法确定使用哪个值。', hint: '请删去重复的键。' },
    en: {
      message: 'The JSON object on line {line} of {file} has a repeated key, so it is unclear which value is meant.',
      hint: 'Remove the repeated key.',
    },
  },
  'data.text.lone_surrogate': {
    exit: 3,
    zh: {
      message: '文件 {file} 第 {line} 行含有残缺的字符转义（\\uD800–\\uDFFF），它不代表任何文字。',
      hint: '请用产生该文件的程序重新导出。',
    },
    en: {
      message: 'Line {line} of {file} holds half of an escaped character (\\uD800–\\uDFFF), which stands for no text.',
      hint: 'Export the file again from the program that made it.',
    },
  },
  'data.column_missing': {
    exit: 3,
    zh: {
      message: '文件 {file} 里没有列“{column}”（用于 {placeholder}）。现有的列：{columns}。',
      hint: '最接近的列是“{nearest}”。请修改 data.columns 或文件的表头。',
    },
    en: {
      message: 'The file {file} has no column "{column}" (needed for {placeholder}). Its columns are: {columns}.',
      hint: 'The nearest one is "{nearest}". Correct data.columns or the header of the file.',
    },
  },
  'data.column_unmapped': {
    exit: 3,
    zh: {
      message: '任务类型 {task} 需要指定 {missing} 对应的列，而配方没有写明。',
      hint: '请在 data.columns 里加上 {missing}。',
    },
    en: {
      message: 'The task {task} needs a column for {missing}, but the recipe names none.',
      hint: 'Add {missing} to data.columns.',
    },
  },
  'data.all_empty': {
    exit: 3,
    zh: {
      message: '{file} 的全部 {rows} 行在必需的列里都是空白（{columns}），没有可用的数据。',
      hint: '请检查 data.columns 是否对应了正确的列。',
    },
    en: {
      message: 'All {rows} rows of {file} are blank in a required column ({columns}); nothing is left to use.',
      hint: 'Check that data.columns names the right columns.',
    },
  },
  'data.messages_invalid': {
    exit: 3,
    zh: {
      message:
        '文件 {file} 第 {line} 行的对话无法使用：它必须是 JSON 数组，每条消息含 role（system、user、assistant、tool）和 content，并且至少有一条 assistant 消息。',
      hint: '请修正该行，例如 [{"role":"user","content":"…"},{"role":"assistant","content":"…"}]。',
    },
    en: {
      message:
        'The conversation on line {line} of {file} cannot be used: it must be a JSON array of messages with role (system, user, assistant, tool) and content, at least one of them by the assistant.',
      hint: 'Correct the row, for example [{"role":"user","content":"…"},{"role":"assistant","content":"…"}].',
    },
  },
  'data.option_invalid': {
    exit: 3,
    zh: { message: '选项 {option} 的值 {value} 无效：{expected}。', hint: '请在配方中改正该值。' },
    en: { message: 'The option {option} cannot be {value}: {expected}.', hint: 'Correct the value in the recipe.' },
  },
  'data.split_conflict': {
    exit: 3,
    zh: {
      message: '{split} 行既由文件给出，又要求从训练文件中划分，两者矛盾。',
      hint: '请只保留一种：data.{split} 或 data.split.{split}。',
    },
    en: {
      message: 'The {split} rows are given as a file and also asked to be split off the training file.',
      hint: 'Keep one of data.{split} and data.split.{split}.',
    },
  },
  'data.label_unknown': {
    exit: 3,
    zh: {
      message: 'data.labels 里的“{label}”在训练数据中不存在（最接近的是“{nearest}”）。',
      hint: '请改正该名称，或从 data.labels 中删去。',
    },
    en: {
      message: 'The class "{label}" in data.labels does not occur in the training rows (nearest: "{nearest}").',
      hint: 'Correct the name or remove it from data.labels.',
    },
  },
  'data.one_class': {
    exit: 3,
    zh: {
      message: '训练数据只有一个类别“{label}”（{rows} 行），模型学不到任何区别，因此没有开始训练。',
      hint: '请加入其他类别的数据，并检查 label 对应的列是否正确。',
    },
    en: {
      message:
        'The training rows hold a single class, "{label}" ({rows} rows); there is nothing to tell apart, so nothing was trained.',
      hint: 'Add rows of other classes, and check that the label column is the right one.',
    },
  },
  'data.label_only_in_test': {
    exit: 3,
    zh: {
      message: '类别“{labels}”只出现在 {split} 数据里，训练数据中没有（或已全部被去除），模型无法学会它。',
      hint: '请为该类别加入训练数据，改正拼写（最接近的是“{nearest}”），或用 data.labels 排除它。',
    },
    en: {
      message:
        'The class "{labels}" occurs in the {split} rows only; no training row of it exists or is left, so it cannot be learned.',
      hint: 'Add training rows of that class, correct its spelling (nearest: "{nearest}") or leave it out with data.labels.',
    },
  },
  'data.class_too_small': {
    exit: 3,
    zh: {
      message: '没有任何类别有至少两条不同的数据，无法划分出 {split} 数据。',
      hint: '请为每个类别加入更多数据，或另外提供 {split} 文件。',
    },
    en: {
      message: 'No class has two different rows, so no {split} rows can be split off.',
      hint: 'Add rows to every class, or give the {split} rows as their own file.',
    },
  },
  'data.no_training_rows': {
    exit: 3,
    zh: {
      message:
        '没有剩下任何训练数据：读取 {rows} 行，空白 {empty}，类别不符 {filtered}，重复 {duplicates}，与其他数据重叠 {leaks}，过长 {tooLong}。',
      hint: '请检查训练文件和测试文件是否相同、data.labels 是否正确，或调大 train.maxLength。',
    },
    en: {
      message:
        'No training row is left: {rows} read, {empty} blank, {filtered} of other classes, {duplicates} duplicates, {leaks} shared with another split, {tooLong} too long.',
      hint: 'Check that training and test files differ and that data.labels is right, or raise train.maxLength.',
    },
  },
  'data.leak': {
    exit: 4,
    zh: {
      message: '{count} 条训练数据也出现在测试或验证数据中（例如 {examples}）；评估结果会虚高，因此拒绝开始。',
      hint: '请从其中一方删去这些数据，或设置 data.leaks: remove，从训练数据中自动去除。',
    },
    en: {
      message:
        '{count} training rows also stand in the test or validation rows (for example {examples}); the evaluation would be too good, so the run was refused.',
      hint: 'Remove them from one side, or set data.leaks: remove to take them out of the training rows.',
    },
  },
  'data.near_leak': {
    exit: 4,
    zh: {
      message: '{count} 条训练数据与测试或验证数据几乎相同（例如 {examples}）；评估结果会虚高，因此拒绝开始。',
      hint: '请从其中一方删去这些数据，或设置 data.nearLeaks: remove，从训练数据中自动去除。',
    },
    en: {
      message:
        '{count} training rows are nearly the same as test or validation rows (for example {examples}); the evaluation would be too good, so the run was refused.',
      hint: 'Remove them from one side, or set data.nearLeaks: remove to take them out of the training rows.',
    },
  },
  'data.dataset_unknown': {
    exit: 3,
    zh: { message: '项目库中没有数据集“{dataset}”，没有执行任何操作。', hint: '已有的数据集：{known}。' },
    en: { message: 'There is no dataset "{dataset}" in the project store; nothing was done.', hint: 'Known: {known}.' },
  },
  'data.target_exists': {
    exit: 3,
    zh: { message: '“{path}”已经存在；为避免覆盖，没有写入任何内容。', hint: '请用 --to 指定另一个位置，或先移走它。' },
    en: {
      message: '"{path}" exists already; nothing was written, so that nothing is overwritten.',
      hint: 'Name another place with --to, or move it away.',
    },
  },
  'data.no_classes': {
    exit: 3,
    zh: {
      message: '这些数据没有类别列，无法平衡（现有的列：{columns}）。',
      hint: '请指明类别所在的列，例如 --columns text=问题,label=类别。',
    },
    en: {
      message: 'The rows have no column of classes, so there is nothing to balance (columns: {columns}).',
      hint: 'Name the column of the classes, for example --columns text=question,label=category.',
    },
  },
  'data.column_taken': {
    exit: 3,
    zh: {
      message: '表格里已有名为“{column}”的列，而结果要用这个列名，因此没有写入。',
      hint: '请先给原来的列改名。',
    },
    en: {
      message: 'The table has a column "{column}" already, which the result needs for itself; nothing was written.',
      hint: 'Rename that column first.',
    },
  },
  'data.split_after_balance': {
    exit: 3,
    zh: {
      message: '版本 {version} 含有平衡时复制的 {copies} 行；现在划分会让副本进入测试数据，因此没有执行。',
      hint: '请先划分再平衡：对平衡之前的版本执行 airlock data split --dataset 版本编号。',
    },
    en: {
      message:
        'The version {version} holds {copies} rows repeated by balancing; splitting it now would put copies into the test rows, so nothing was done.',
      hint: 'Split first, balance afterwards: run airlock data split --dataset with the version from before balancing.',
    },
  },
} as const satisfies ErrorTable
