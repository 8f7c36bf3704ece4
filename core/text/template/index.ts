export { assistantSpansByPrefix, type EncodedConversation, encodeConversation } from './conversation.ts'
export type { Span } from './interpret.ts'
export { templateLimits } from './limits.ts'
export {
  type ChatMessage,
  type ChatTemplate,
  type ContentPart,
  compileChatTemplate,
  type RenderOptions,
  type TemplateSpecials,
} from './template.ts'
