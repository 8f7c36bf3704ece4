import type { Disguise, Tokenizer } from '../tokenizer/tokenizer.ts'
import type { ChatMessage } from './template.ts'

/*
 * Row text must never become a special token, whatever the template does to it. So before rendering, the character
 * that each added token begins with is replaced in all row text by a noncharacter that occurs nowhere: the special
 * tokens of the rendered text are then the template's own, and the stand-ins are put back when the ordinary text
 * between them is tokenised.
 */

/** Unicode's noncharacters and then its last private plane: there is always one that a conversation does not use. */
function* standIns(): Generator<string> {
  for (let code = 0xfdd0; code <= 0xfdef; code++) yield String.fromCodePoint(code)
  for (let code = 0xf0000; code <= 0x10fffd; code++) yield String.fromCodePoint(code)
}

/** First character of a token that is not white space; templates trim white space, so that must stay itself. */
function firstCharacter(token: string): string | undefined {
  return token.match(/\P{White_Space}/u)?.[0]
}

const firstsOf = new WeakMap<Tokenizer, readonly string[]>()

/** First characters of all added tokens, in every case: a template may change the case of what it is given. */
function firstCharacters(tokenizer: Tokenizer): readonly string[] {
  let firsts = firstsOf.get(tokenizer)
  if (firsts === undefined) {
    const forms = [...tokenizer.addedTokens.keys()].flatMap((token) => {
      const first = firstCharacter(token)
      return first === undefined ? [] : [first, first.toLowerCase(), first.toUpperCase()]
    })
    firsts = [...new Set(forms)]
    firstsOf.set(tokenizer, firsts)
  }
  return firsts
}

/** Every text of a plain value, keys included. */
function* textsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (Array.isArray(value)) for (const item of value) yield* textsOf(item)
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      yield key
      yield* textsOf(item)
    }
  }
}

/**
 * Stand-ins for the first characters of all added tokens that occur in the row text; empty when none does, and then
 * no added token can come from it. `fixed` is text that must not hold a stand-in either (the template's source).
 */
export function chooseDisguise(tokenizer: Tokenizer, data: unknown, fixed: string): Disguise {
  const texts = [...textsOf(data)]
  const present = firstCharacters(tokenizer).filter((first) => texts.some((text) => text.includes(first)))
  const disguise = new Map<string, string>()
  if (present.length === 0) return disguise
  const free = standIns()
  for (const first of present) {
    for (const stand of free) {
      if (fixed.includes(stand) || texts.some((text) => text.includes(stand))) continue
      disguise.set(stand, first)
      break
    }
  }
  return disguise
}

/** Replaces what the stand-ins stand for, in every text of a plain value. */
function disguiseValue(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value)
  if (Array.isArray(value)) return value.map((item) => disguiseValue(item, replace))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [replace(key), disguiseValue(item, replace)]))
}

function replacer(disguise: Disguise): (text: string) => string {
  return (text) => {
    let out = text
    for (const [stand, meaning] of disguise) out = out.replaceAll(meaning, () => stand)
    return out
  }
}

/** A conversation as it is given to the template, and what its stand-ins mean. */
export interface Disguised {
  readonly messages: readonly ChatMessage[]
  readonly variables: Readonly<Record<string, unknown>>
  readonly disguise: Disguise
}

/** Disguises all text but the roles and field names. */
export function disguiseAll(
  messages: readonly ChatMessage[],
  variables: Readonly<Record<string, unknown>>,
  disguise: Disguise,
): Disguised {
  return rewrite(messages, variables, { disguise, replace: replacer(disguise) })
}

/**
 * The weaker form, for templates that look for ordinary added tokens in the row text (such as `</think>`): only the
 * special tokens found in it are broken, by a stand-in that means nothing.
 */
export function breakSpecials(
  tokenizer: Tokenizer,
  messages: readonly ChatMessage[],
  variables: Readonly<Record<string, unknown>>,
  stand: string,
): Disguised {
  const specials = [...tokenizer.specialTokens.keys()]
  const replace = (text: string): string => {
    const cuts = new Set<number>()
    for (const special of specials) {
      const width = String.fromCodePoint(special.codePointAt(0) as number).length
      for (let at = text.indexOf(special); at >= 0; at = text.indexOf(special, at + 1)) cuts.add(at + width)
    }
    let out = ''
    let from = 0
    for (const cut of [...cuts].sort((a, b) => a - b)) {
      out += text.slice(from, cut) + stand
      from = cut
    }
    return out + text.slice(from)
  }
  return rewrite(messages, variables, { disguise: new Map([[stand, '']]), replace })
}

function rewrite(
  messages: readonly ChatMessage[],
  variables: Readonly<Record<string, unknown>>,
  { disguise, replace }: { disguise: Disguise; replace: (text: string) => string },
): Disguised {
  return {
    disguise,
    messages: messages.map((message) =>
      rewriteFields(message, (field, value) => {
        if (field === 'role') return value
        return field === 'content' && Array.isArray(value)
          ? value.map((part) =>
              rewriteFields(part, (name, own) => (name === 'type' ? own : disguiseValue(own, replace))),
            )
          : disguiseValue(value, replace)
      }),
    ),
    variables: rewriteFields(variables, (_name, value) => disguiseValue(value, replace)),
  }
}

function rewriteFields<T extends object>(object: T, change: (field: string, value: unknown) => unknown): T {
  return Object.fromEntries(Object.entries(object).map(([field, value]) => [field, change(field, value)])) as T
}
