// The writer that the fault tests kill: it commits transactions until it dies and prints each id once it is committed.
// Arguments: folder, first number, "hold" to stop after one transaction and keep the store open.
import { writeSync } from 'node:fs'
import { isAppError } from '../../core/kit/index.ts'
import { openStore } from '../../core/store/index.ts'

const [folder = '', first = '0', hold] = process.argv.slice(2)
const say = (line: string): void => void writeSync(1, `${line}\n`)
const digest = (n: number): string => n.toString(16).padStart(64, '0')

try {
  const store = openStore(folder, { actor: `writer-${first}` })
  const base = store.read.runs.byId('run') === undefined
  if (base) {
    store.write((tx) => {
      const projectId = tx.projects.add({ id: 'project', name: 'p' })
      const datasetId = tx.datasets.add({ projectId, name: 'd' })
      tx.datasets.addVersion({ id: 'version', datasetId, contentHash: digest(0) })
      tx.runs.add({ id: 'run', projectId, recipeHash: tx.recipes.add({}), jobFolder: '/j' })
      tx.evaluations.add({ id: 'evaluation', projectId, splitHash: digest(0), verdict: false, result: {} })
      tx.audit({ action: 'test.base', subject: 'base' })
    })
  }
  say('open')
  for (let n = Number(first); ; n++) {
    store.write((tx) => {
      const id = `tx-${n}`
      const text = `第 ${n} 笔 `.repeat(n % 40)
      tx.audit({ action: 'test.write', subject: id, detail: { n } })
      const rows = [0, 1, 2, 3, 4].map((i) => ({
        id: `${id}-${i}`,
        group: id,
        contentHash: digest(n),
        fields: { text },
      }))
      tx.rows.add(
        'version',
        rows.map((row) => ({ ...row, origin: 'human' as const })),
      )
      tx.runs.addMetrics('run', [{ step: n, loss: 1, learningRate: 1, gradNorm: 1, tokens: 1, seconds: 1 }])
      tx.evaluations.addPredictions('evaluation', [{ rowId: id, which: 'base', gold: null, predicted: null }])
    })
    say(String(n))
    if (hold === 'hold') {
      setInterval(() => undefined, 60_000)
      break
    }
  }
} catch (error) {
  say(isAppError(error) ? `refused ${error.code} ${JSON.stringify(error.data)}` : `failed ${String(error)}`)
  process.exitCode = 3
}
