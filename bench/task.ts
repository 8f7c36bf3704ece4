import type { JobRow } from '../core/app/job/folder.ts'
import { randomStream } from '../core/kit/index.ts'

/** The built-in classification task: requests to a help desk, twelve teams. What is measured is speed, not skill. */
export const TASK_LABELS: readonly string[] = [
  'account access',
  'billing question',
  'delivery delay',
  'device repair',
  'email setup',
  'lost badge',
  'network outage',
  'new equipment',
  'password reset',
  'payroll',
  'software installation',
  'travel booking',
]

export const TASK_RECIPE = {
  model: 'bench',
  task: 'classification',
  data: { train: 'none.csv', split: { test: 0.2 }, columns: { text: 'text', label: 'label' } },
  prompt: { user: 'Which team should answer this request?\nRequest: {text}', answer: '{label}' },
}

const OPENINGS = ['Since this morning', 'For two days now', 'After the last update', 'Before my holiday', 'As of today']
const SUBJECTS = [
  'my laptop',
  'the printer on our floor',
  'my colleague',
  'the new phone',
  'our whole team',
  'the portal',
]
const EVENTS = ['shows an error', 'cannot be reached', 'has been waiting', 'needs a decision', 'works only sometimes']
const REASONS = ['although nothing was changed', 'and nobody answers', 'which costs us hours', 'so I ask for help']
const DETAILS = ['The reference is', 'The room is', 'The form carries the number', 'The ticket before this one was']

/** Seeded rows of 15 to 30 words, no two lengths alike for long, as in a real test split. */
export function syntheticTask(count: number, seed: number): JobRow[] {
  const random = randomStream(seed, 'bench-task')
  const pick = (list: readonly string[]): string => list[random.int(list.length)]
  return Array.from({ length: count }, (_, i) => {
    const sentence = `${pick(OPENINGS)} ${pick(SUBJECTS)} ${pick(EVENTS)}, ${pick(REASONS)}.`
    const details = Array.from({ length: random.int(3) }, () => `${pick(DETAILS)} ${random.int(10_000)}.`)
    const label = TASK_LABELS[random.int(TASK_LABELS.length)]
    const text = [sentence, ...details].join(' ')
    return { id: `row-${i}`, fields: { text, label }, label, weight: 1, split: 'test' }
  })
}
