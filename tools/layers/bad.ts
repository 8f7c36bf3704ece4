/** Two small trees that break the rules, one problem a line marked with `//!`: the proof that the check bites. */
export const BAD_DIRECTIONS = new Map([
  ['core/brain/think.ts', 'export const thought = 1 //! unknown module'],
  ['core/loose.ts', 'export const x = 1 //! unknown module'],
  [
    'core/formats/up.ts',
    [
      "import { hash } from '../kit/hash.ts'",
      "import { train } from '../train/index.ts' //! core/train is above",
      "export * from '../graph/index.ts' //! core/graph is a sibling",
      "export { type X, y as z } from '../store/index.ts' //! core/store is a sibling",
      "type T = import('../models/index.ts').Model //! core/models is above",
      "const late = await import('../app/index.ts') //! core/app is above",
      "import '../text/effects.ts' //! core/text is a sibling",
      "import data from '../../tools/fetch/models.ts' //! belongs to no module",
      "import help from './x.test.ts' //! test file",
      'const hidden = await import(`../\u0024{name}/index.ts`) //! computed address',
      "const url = `a \u0024{await import('../data/index.ts')} b` //! core/data is above",
    ].join('\n'),
  ],
  [
    'core/contract/a.ts',
    "import { readFile } from '../kit/files.ts' //! core/kit is a sibling\nimport { AppError } from '../kit/error.ts'",
  ],
  [
    'renderer/view.ts',
    "import { kit } from '../core/kit/index.ts' //! core/kit is not offered to the shell\nimport type { R } from '../core/contract/index.ts'",
  ],
  [
    'electron/main.ts',
    "import { app } from '../core/app/index.ts' //! core/app is not offered to the shell\nimport { h } from '../core/host/index.ts'",
  ],
])

export const BAD_MEANS = new Map([
  [
    'core/data/means.ts',
    [
      "import { z } from 'zod' //! the package zod",
      "import jinja from '@huggingface/jinja/deep' //! the package @huggingface/jinja",
      "import { readFileSync } from 'node:fs' //! node:fs",
      "import promises from 'fs/promises' //! without node:",
      "import http from 'node:https' //! node:https",
      "import { spawn } from 'node:child_process' //! node:child_process",
      "const net = require('node:net') //! node:net",
      "import odd from 'node:\\x66s' //! node:fs",
      "import remote from 'https://example.org/x.js' //! address",
      "import { join } from 'node:path'",
      "import { pipeline } from 'node:stream/promises'",
      'const now = Date.now() //! Date.now',
      'const then = new Date() //! new Date',
      'const fine = new Date(0)',
      'const r = Math . random() //! Math.random',
      "console.log('x') //! console.",
      "await fetch('x') //! fetch(",
      'const socket = new WebSocket(u) //! new WebSocket',
      "eval('x') //! eval(",
      'const port = { fetch() { return 1 } }, y = port.fetch()',
      "// import x from 'zod' and Date.now() in a comment",
      "/* import y from 'zod'\n*/ const text = \"import z from 'zod'; console.log(Math.random())\"",
      "const pattern = /[/]import a from 'zod'\"/, b = 4 / 2",
      "const half = b / 2; import late from 'ws' //! the package ws",
    ].join('\n'),
  ],
])
