import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BAD_DIRECTIONS, BAD_MEANS } from './bad.ts'
import { checkLayers, type SourceFiles } from './check.ts'
import { ROOT, sourceFiles } from './files.ts'
import { scanImports } from './scan.ts'
import { MODULES } from './table.ts'

const PLACES = ['core', 'electron', 'renderer']

describe('layers', () => {
  it('hold in the whole source', () => {
    const problems = checkLayers(sourceFiles(PLACES))
    expect(problems.map(({ file, line, message }) => `${file}:${line} ${message}`)).toEqual([])
  })

  it('see the real imports: every file that says import is found to import', () => {
    const files = [...sourceFiles(PLACES)]
    expect(files.length).toBeGreaterThan(50)
    for (const [file, text] of files) {
      // Independent of the tokenizer: whole lines of the formatter's one shape.
      const plain = [...text.matchAll(/^(?:import|export)\b[^'"`=]*?\bfrom '([^']+)'(?: with \{.*\})?$/gm)].map(
        (match) => match[1],
      )
      const scanned = scanImports(text).imports.map((each) => each.specifier)
      for (const specifier of plain) expect(scanned, file).toContain(specifier)
    }
  })

  it('have a row for every folder of the core', () => {
    const folders = readdirSync(join(ROOT, 'core'), { withFileTypes: true }).map((entry) => `core/${entry.name}`)
    for (const folder of folders) expect(Object.keys(MODULES)).toContain(folder)
  })

  it.each([
    ['directions', BAD_DIRECTIONS],
    ['means', BAD_MEANS],
  ])('bite: bad %s give exactly the marked problems', (_name, files: SourceFiles) => {
    const problems = checkLayers(files)
    const expected = [...files].flatMap(([file, text]) =>
      text.split('\n').flatMap((line, at) => {
        const mark = / \/\/! (.*)$/.exec(line)?.[1]
        return mark === undefined ? [] : [{ file, line: at + 1, message: mark }]
      }),
    )
    expect(problems.map(({ file, line }) => `${file}:${line}`).sort()).toEqual(
      expected.map(({ file, line }) => `${file}:${line}`).sort(),
    )
    for (const { file, line, message } of expected) {
      const problem = problems.find((each) => each.file === file && each.line === line)
      expect(problem?.message).toContain(message)
      expect(problem?.message).toMatch(/known:|may import:|allowed (only )?in:|test file|address|without node:/)
    }
  })

  it('leave tests, tools and benches alone', () => {
    const anything = "import x from 'zod'\nimport y from '../../core/app/index.ts'\nDate.now()"
    const files = ['tools/x/y.ts', 'tests/e2e/a.ts', 'bench/main.ts', 'core/kit/a.test.ts', 'core/kit/a.testing.ts']
    expect(checkLayers(new Map(files.map((file) => [file, anything])))).toEqual([])
  })
})
