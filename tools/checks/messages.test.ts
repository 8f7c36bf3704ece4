import { describe, expect, it } from 'vitest'
import { zh } from '../../core/contract/messages/zh.ts'
import { sourceFiles } from '../layers/files.ts'
import { scanImports } from '../layers/scan.ts'

const files = [...sourceFiles(['core', 'tools', 'bench'])].filter(
  ([file]) => !/\.(test|testing)\.ts$/.test(file) && !/^core\/contract\/messages\/(zh|en)\.ts$/.test(file),
)

describe('message catalogue', () => {
  it('has no text that nothing shows', () => {
    const texts = new Set(files.flatMap(([, source]) => scanImports(source).tokens.map((token) => token.value)))
    const sources = files.map(([, source]) => source)
    const unused = Object.keys(zh).filter((key) => {
      const built = `\`${key.slice(0, key.lastIndexOf('.') + 1)}\${` // `stage.${name}`
      return !texts.has(key) && !sources.some((source) => source.includes(built))
    })
    expect(unused).toEqual([])
  })
})
