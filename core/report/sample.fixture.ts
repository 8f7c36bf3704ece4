import type { ChangedPrediction, ReportData, WrongPrediction } from '../contract/domain/report.ts'
import {
  changedPredictions,
  evaluateClassification,
  evaluateLoss,
  type Prediction,
  worstPredictions,
} from '../eval/index.ts'
import { randomStream, sha256 } from '../kit/index.ts'
import type { Lang } from './format.ts'

/** Invented report data for tests and for looking at the pages: measured by the real metrics on simulated answers. */
export interface SampleOptions {
  lang: Lang
  classes?: number
  testRows?: number
  /** Chance that a row is answered rightly, before and after. */
  before?: number
  after?: number
  steps?: number
}

const DEPARTMENTS: Record<Lang, string[]> = {
  en: ['Billing', 'Admissions', 'Emergency', 'Cardiology', 'Paediatrics', 'Pharmacy', 'Radiology', 'Medical records'],
  zh: ['收费处', '入院登记', '急诊科', '心内科', '儿科', '药房', '放射科', '病案室'],
}
const SENTENCES: Record<Lang, string[]> = {
  en: [
    'I was charged twice for the same blood test last Tuesday, who can put that right?',
    'My chest feels tight when I climb the stairs, it started two days ago and is getting worse.',
    'Could you send the images of my knee to my own doctor before Friday?',
    'The little one has had a fever since last night and will not drink.',
  ],
  zh: [
    '上周二同一项化验收了我两次钱，请问找谁处理？',
    '这两天一爬楼梯胸口就发闷，而且越来越厉害，该挂哪个科？',
    '能不能在周五之前把膝盖的片子发给我的家庭医生？',
    '孩子从昨天晚上开始发烧，一直不肯喝水。',
  ],
}

export function sampleReport(options: SampleOptions): ReportData {
  const { lang, classes = 8, testRows = 400, before = 0.31, after = 0.84, steps = 120 } = options
  const stream = randomStream(classes * 1000 + testRows, 'sample', lang)
  const labels = Array.from(
    { length: classes },
    (_, k) => DEPARTMENTS[lang][k] ?? `${lang === 'zh' ? '业务' : 'intent'}_${String(k + 1).padStart(2, '0')}`,
  )
  const size = (k: number) => Math.round(360 / (1 + (5 * k) / Math.max(1, classes - 1)))
  const balanced = (k: number) => Math.min(size(k), Math.round(size(classes - 1) * 1.5))
  const predict = (right: number): Prediction[] =>
    Array.from({ length: testRows }, (_, i) => {
      const own = randomStream(i, 'row', right)
      const gold = labels[i % classes] as string
      const predicted = own.float() < right ? gold : (labels[own.int(Math.min(classes, 5))] as string)
      const scores = Object.fromEntries(
        labels.map((label) => [label, -4 - 3 * own.float() - (label === predicted ? -5 : 0)]),
      )
      return { rowId: `row-${i}`, gold, predicted, scores }
    })
  const base = predict(before)
  const tuned = predict(after)
  const text = <R extends WrongPrediction | ChangedPrediction>(row: R): R => ({
    ...row,
    text: SENTENCES[lang][stream.int(4)] as string,
  })
  const changed = changedPredictions(base, tuned, 5)
  const counts = (of: (k: number) => number) => Object.fromEntries(labels.map((label, k) => [label, of(k)]))
  const total = labels.reduce((sum, _label, k) => sum + balanced(k), 0)
  return {
    ...common(lang, steps),
    data: {
      files: [{ name: lang === 'zh' ? '分诊.csv' : 'triage.csv', role: 'all' }],
      rows: labels.reduce((sum, _label, k) => sum + size(k), 0) + testRows + 19,
      trainRows: total,
      validationRows: 0,
      testRows,
      classes: counts(balanced),
      classesBefore: counts(size),
      ratioBefore: size(0) / size(classes - 1),
      ratioAfter: balanced(0) / balanced(classes - 1),
      balance: { method: 'downsample', maxRatio: 1.5 },
      duplicatesRemoved: 14,
      leaksRemoved: 3,
      nearLeaks: { found: 2, action: 'report' },
      tooLong: 2,
      personalData: {},
      privacy: { scan: true, findings: 'refuse' },
      testSplitUses: 1,
    },
    evaluation: evaluateClassification({ labels, trainCounts: counts(balanced), base, tuned, seed: 42 }),
    scoring: 'sum',
    worst: worstPredictions(tuned).map(text),
    changed: { ...changed, better: changed.better.map(text), worse: changed.worse.map(text) },
  }
}

/** A task without labels. */
export function sampleLossReport(lang: Lang): ReportData {
  const stream = randomStream(5, 'loss')
  const rows = (factor: number) =>
    Array.from({ length: 150 }, (_, i) => {
      const tokens = 8 + ((i * 7) % 60)
      return { rowId: `row-${i}`, tokens, lossSum: tokens * factor * (0.7 + 0.6 * stream.float()) }
    })
  return {
    ...common(lang, 300),
    task: 'instruction',
    data: {
      rows: 1650,
      trainRows: 1500,
      validationRows: 0,
      testRows: 150,
      duplicatesRemoved: 0,
      leaksRemoved: 0,
      tooLong: 0,
      personalData: { phone: 3, email: 1 },
      privacy: { scan: true, findings: 'redact' },
    },
    evaluation: evaluateLoss({ base: rows(2.4), tuned: rows(1.5), seed: 42 }),
  }
}

function common(lang: Lang, steps: number): Omit<ReportData, 'data'> {
  const stream = randomStream(steps, 'curve')
  const rate = (k: number) =>
    k < steps / 10 ? (k + 1) / (steps / 10) : 0.5 * (1 + Math.cos((Math.PI * (k - steps / 10)) / (0.9 * steps)))
  return {
    schemaVersion: 1,
    project: lang === 'zh' ? '门诊留言分诊' : 'Outpatient message triage',
    run: '2026-03-05-1407-a81c',
    createdAt: '2026-03-05T14:07:31+08:00',
    task: 'classification',
    seed: 42,
    productVersion: '0.1.0',
    recipeHash: sha256('recipe'),
    planHash: sha256('plan'),
    prompt: {
      user:
        lang === 'zh'
          ? '请判断这条留言应转给哪个科室。\n留言：{text}'
          : 'Choose the department for this message.\nMessage: {text}',
      answer: '{label}',
    },
    model: {
      id: 'smollm2-135m-instruct',
      family: 'llama',
      parameters: 134_515_008,
      licence: 'Apache-2.0',
      fingerprint: {
        architecture: sha256('architecture'),
        tokenizer: sha256('tokenizer'),
        chatTemplate: sha256('template'),
        weights: sha256('weights'),
        storage: 'BF16',
      },
    },
    method: {
      kind: 'lora',
      rank: 16,
      alpha: 32,
      dropout: 0.1,
      targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
      epochs: 3,
      batchSize: 32,
      learningRate: 5e-4,
      schedule: 'cosine',
      warmup: 0.1,
      weightDecay: 0.01,
      maxGradNorm: 1,
      maxLength: 512,
    },
    train: {
      steps,
      epochs: 3,
      losses: Array.from(
        { length: steps },
        (_, k) => 0.12 + 2.6 * Math.exp((-7 * k) / steps) * (0.8 + 0.4 * stream.float()) + 0.05 * stream.float(),
      ),
      learningRates: Array.from({ length: steps }, (_, k) => 5e-4 * rate(k)),
      rowsPerSecond: 9.42,
      tokensPerSecond: 612,
      supervisedTokens: 5210,
      seconds: 271.4,
      peakMemoryBytes: 1.93e9,
      trainableParameters: 4_884_480,
      precision: 'fp32',
      device: 'cpu',
      threads: 2,
    },
    machine: { cpu: 'Xeon 2.2 GHz', cores: 2, memoryBytes: 8.3e9, os: 'Linux x64', runtime: 'Node.js 24' },
    adapter: { name: 'triage', sha256: sha256('adapter'), bytes: 19_561_472 },
    signature: { keyId: `ed25519:${sha256('key').slice(0, 16)}`, signer: lang === 'zh' ? '信息科' : 'IT department' },
  }
}
