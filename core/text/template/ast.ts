/** Syntax tree of a template; `line` is where a node begins, from 1. */
export type Expression = { readonly line: number } & (
  | { readonly kind: 'constant'; readonly value: null | boolean | number | string }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: 'attribute'; readonly object: Expression; readonly name: string }
  | { readonly kind: 'item'; readonly object: Expression; readonly index: Expression }
  | {
      readonly kind: 'slice'
      readonly object: Expression
      readonly bounds: readonly (Expression | null)[]
    }
  | { readonly kind: 'call'; readonly callee: Expression; readonly args: Arguments }
  /** `operand` is null for a filter block, whose text takes its place. */
  | { readonly kind: 'filter'; readonly operand: Expression | null; readonly name: string; readonly args: Arguments }
  | { readonly kind: 'test'; readonly operand: Expression; readonly name: string; readonly args: Arguments }
  | { readonly kind: 'unary'; readonly operator: '-' | '+' | 'not'; readonly operand: Expression }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'logic'; readonly operator: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'compare'
      readonly first: Expression
      readonly rest: readonly { readonly operator: string; readonly operand: Expression }[]
    }
  | { readonly kind: 'concat'; readonly parts: readonly Expression[] }
  | {
      readonly kind: 'condition'
      readonly test: Expression
      readonly then: Expression
      readonly otherwise: Expression | null
    }
)

export interface Arguments {
  readonly positional: readonly Expression[]
  readonly named: readonly { readonly name: string; readonly value: Expression }[]
  readonly spread: Expression | null
  readonly spreadNamed: Expression | null
}

/** What an assignment writes to: a name, an attribute of a namespace, or several of them. */
export type Target =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'attribute'; readonly object: string; readonly name: string }
  | { readonly kind: 'tuple'; readonly items: readonly Target[] }

export interface Parameter {
  readonly name: string
  readonly otherwise: Expression | null
}

export type Block = readonly Statement[]

export type Statement = { readonly line: number } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly value: Expression }
  | {
      readonly kind: 'if'
      readonly branches: readonly { readonly test: Expression; readonly body: Block }[]
      readonly otherwise: Block
    }
  | {
      readonly kind: 'for'
      readonly target: Target
      readonly iterable: Expression
      readonly test: Expression | null
      readonly body: Block
      readonly otherwise: Block
    }
  | { readonly kind: 'set'; readonly target: Target; readonly value: Expression }
  | { readonly kind: 'setBlock'; readonly target: Target; readonly filter: Expression | null; readonly body: Block }
  | {
      readonly kind: 'macro'
      readonly name: string
      readonly parameters: readonly Parameter[]
      readonly body: Block
    }
  | {
      readonly kind: 'callBlock'
      readonly parameters: readonly Parameter[]
      readonly call: Expression
      readonly body: Block
    }
  | { readonly kind: 'filterBlock'; readonly filter: Expression; readonly body: Block }
  | {
      readonly kind: 'with'
      readonly entries: readonly { readonly target: Target; readonly value: Expression }[]
      readonly body: Block
    }
  | { readonly kind: 'generation'; readonly body: Block }
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' }
)

/** A parsed template, the names it mentions and whether it marks what the assistant says. */
export interface Program {
  readonly body: Block
  readonly names: ReadonlySet<string>
  readonly hasGeneration: boolean
}
