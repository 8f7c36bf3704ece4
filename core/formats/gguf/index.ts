export { limits as ggufLimits } from './limits.ts'
export { type GgufSource, openGguf } from './open.ts'
export {
  type GgufArray,
  type GgufMetadata,
  type GgufNumbers,
  type GgufValue,
  ggufBoolean,
  ggufNumber,
  ggufNumbers,
  ggufString,
  ggufStrings,
} from './values.ts'
