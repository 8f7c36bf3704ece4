/** Text of one error in one language: what happened and what follows from it, then the next step. `{name}` is filled from the error's data. */
export interface ErrorText {
  readonly message: string
  readonly hint: string
}

/** One catalogue entry. `exit` is the command line's exit code for it (see interface.md). */
export interface ErrorEntry {
  readonly exit: 1 | 2 | 3 | 4 | 5 | 130
  readonly zh: ErrorText
  readonly en: ErrorText
}

export type ErrorTable = Readonly<Record<string, ErrorEntry>>
