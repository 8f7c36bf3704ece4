export type { BundleProblem } from './bundle/examine.ts'
export {
  type ExtractBundle,
  extractBundle,
  type ReadBundle,
  readBundle,
} from './bundle/extract.ts'
export { type BundleInspection, inspectBundle, refusalOf, type Surroundings } from './bundle/inspect.ts'
export {
  assertBaseFits,
  type BaseFinding,
  type BaseVerdict,
  type LocalModel,
  type Passport,
  type SignatureFinding,
  type SignatureVerdict,
} from './bundle/verdict.ts'
export {
  type BundleInput,
  type ManifestDraft,
  type WriteBundle,
  type WrittenBundle,
  writeBundle,
} from './bundle/write.ts'
export {
  type CreateIdentity,
  createIdentity,
  exportPublic,
  hasIdentity,
  type Identity,
  openIdentity,
  publicKeyFile,
  type Signer,
  showIdentity,
} from './keys/identity.ts'
export { type KnownKey, openTrustStore, type TrustLookup, type TrustStore } from './keys/trust.ts'
export { type Matrix, mergeLora } from './merge.ts'
export { type PeftConfig, scaleOf } from './peft/config.ts'
export { type ExportedAdapter, encodePeft, exportPeft, type PeftAdapterInput } from './peft/export.ts'
export { type PeftAdapter, readPeft } from './peft/read.ts'
export { checkAgainstModel, type LoraPair, type PairShape, type PeftTensor, peftTensorName } from './peft/tensors.ts'
