import type { Lang } from '../../core/contract/messages/index.ts'

export interface DemoTexts {
  opening(recipe: string): string[]
  closing(facts: { seconds: number; workspace: string; run: string }): string[]
}

const question = 'My left knee locks when I climb stairs and clicks loudly.'

export const demoTexts: Readonly<Record<Lang, DemoTexts>> = {
  zh: {
    opening: (recipe) => [
      'Airlock 演示：分诊留言 → 科室。全部在本机完成，数据不会离开这台电脑。',
      '模型 SmolLM2-135M-Instruct（约 98 MB）只获取一次并缓存。它几乎不懂中文，因此演示使用英文示例；',
      '中文示例见 resources/samples/triage-zh.csv，配一个懂中文的模型（如 Qwen2.5）效果更好。',
      `配方：${recipe}`,
      '在两个 CPU 核心上大约需要 4 至 6 分钟。',
    ],
    closing: ({ seconds, workspace, run }) => [
      '',
      `演示完成，共用时 ${Math.floor(seconds / 60)} 分 ${seconds % 60} 秒。所有内容都在 ${workspace}`,
      '接下来可以：',
      '  1. 用浏览器打开上面的 report.html，看看结论和图表。',
      `  2. 试一试：npm run -s airlock -- generate --model smollm2-135m-instruct --adapter ${run} --prompt "Which hospital department should see this patient?\\nMessage: ${question}"`,
      '  3. 复制 resources/samples/triage-en.yaml，换成您自己的表格，然后：npm run -s airlock -- run 您的配方.yaml',
    ],
  },
  en: {
    opening: (recipe) => [
      'Airlock demo: triage messages → departments. Everything happens on this machine; no data leaves it.',
      'The model SmolLM2-135M-Instruct (98 MB) is obtained once and cached. It knows little Chinese, so the demo uses',
      'the English sample; resources/samples/triage-zh.csv is its Chinese sister for a model that reads Chinese (such as Qwen2.5).',
      `Recipe: ${recipe}`,
      'On two CPU cores this takes about 4 to 6 minutes.',
    ],
    closing: ({ seconds, workspace, run }) => [
      '',
      `Done in ${Math.floor(seconds / 60)} min ${seconds % 60} s. Everything is in ${workspace}`,
      'What to do next:',
      '  1. Open the report.html named above in a browser.',
      `  2. Try it: npm run -s airlock -- generate --model smollm2-135m-instruct --adapter ${run} --prompt "Which hospital department should see this patient?\\nMessage: ${question}"`,
      '  3. Copy resources/samples/triage-en.yaml, put in your own table, then: npm run -s airlock -- run your-recipe.yaml',
    ],
  },
}
