// Starts one script of this project with a Node.js that can run it, or says plainly why it cannot.
// Plain JavaScript for any Node.js: it must be able to explain itself on the versions that are too old.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const [major, minor] = process.versions.node.split('.').map(Number)

/** Prints one problem in both languages and ends with exit code 5 (the machine cannot). */
function refuse(zh, en) {
  process.stderr.write(`${zh}\n${en}\n`)
  process.exit(5)
}

if (!existsSync(resolve(root, 'node_modules', 'onnxruntime-node'))) {
  refuse('缺少依赖包。请先运行: npm ci', 'Dependencies are missing. Run first: npm ci')
}
if (major < 22 || (major === 22 && minor < 12)) {
  refuse(
    `当前 Node.js 为 ${process.versions.node}，需要 22.12 或更高。请通过 npm run 启动（会自动使用内置的 Node.js 24）；macOS 请安装 Node.js ≥ 22.12。`,
    `This is Node.js ${process.versions.node}; 22.12 or newer is needed. Start through "npm run" (it uses the bundled Node.js 24); on macOS install Node.js 22.12 or newer.`,
  )
}

const [target, ...args] = process.argv.slice(2)
if (target === undefined)
  refuse('用法: node tools/start.mjs 脚本 [参数]', 'Usage: node tools/start.mjs SCRIPT [arguments]')
const file = resolve(root, target)

if (process.features.typescript) {
  process.argv.splice(1, 2, file)
  await import(pathToFileURL(file).href)
} else {
  // Node.js 22.12 to 22.17 runs TypeScript only when asked to.
  const flags = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning']
  const child = spawn(process.execPath, [...flags, file, ...args], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
}
