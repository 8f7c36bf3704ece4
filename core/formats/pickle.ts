/**
 * Recognises Python pickles by walking their opcodes, without executing anything.
 * Source of the opcodes: CPython, Lib/pickletools.py (protocols 0 to 5).
 */

/** What follows an opcode: a fixed number of bytes, a counted string (width of the count), or text lines that match. */
type Argument = { readonly skip: number } | { readonly counted: number } | { readonly lines: readonly RegExp[] }

const none: Argument = { skip: 0 }
const identifier = /^[A-Za-z_][\w.]*$/
const anyText = /^/

function table(): ReadonlyMap<number, Argument> {
  const opcodes = new Map<number, Argument>()
  const add = (codes: string | number[], argument: Argument): void => {
    for (const code of codes) opcodes.set(typeof code === 'number' ? code : code.charCodeAt(0), argument)
  }
  add('(.012NQRabde}l]ostu)', none)
  add([0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94, 0x97, 0x98], none)
  add('Khq', { skip: 1 })
  add([0x80, 0x82], { skip: 1 })
  add('M', { skip: 2 })
  add([0x83], { skip: 2 })
  add('Jjr', { skip: 4 })
  add([0x84], { skip: 4 })
  add('G', { skip: 8 })
  add([0x95], { skip: 8 })
  add('UC', { counted: 1 })
  add([0x8a, 0x8c], { counted: 1 })
  add('TXB', { counted: 4 })
  add([0x8b], { counted: 4 })
  add([0x8d, 0x8e, 0x96], { counted: 8 })
  add('I', { lines: [/^[+-]?\d+$/] })
  add('L', { lines: [/^[+-]?\d+L?$/] })
  add('F', { lines: [/^[+-]?(?:\d|\.\d|inf|nan)/] })
  add('S', { lines: [/^(['"]).*\1$/] })
  add('gp', { lines: [/^\d+$/] })
  add('ci', { lines: [identifier, identifier] })
  add('PV', { lines: [anyText] })
  return opcodes
}

const OPCODES = table()
const PROTO = 0x80
const STOP = 0x2e
const GLOBALS = new Set([0x63, 0x69, 0x93]) // GLOBAL, INST, STACK_GLOBAL: name something to import
const CALLS = new Set([0x52, 0x6f, 0x69, 0x81, 0x92, 0x62]) // REDUCE, OBJ, INST, NEWOBJ, NEWOBJ_EX, BUILD

/**
 * The protocol of the pickle that `head` begins, or undefined when it is none. It counts as one when it walks to its
 * STOP, when it announces a protocol and goes on with opcodes, or when it imports and calls something even though it
 * breaks off afterwards (loading it would already have run that call).
 */
export function pickleProtocol(head: Uint8Array): number | undefined {
  const announced = head[0] === PROTO && head[1] <= 5
  let operations = 0
  let imports = false
  for (let at = 0; at < head.length; ) {
    const code = head[at]
    const next = OPCODES.has(code) ? behindArgument(head, at + 1, OPCODES.get(code)!) : undefined
    if (next === undefined) break
    operations++
    if (code === STOP && operations > 1) return protocolOf(head)
    if (GLOBALS.has(code)) imports = true
    if (imports && CALLS.has(code)) return protocolOf(head)
    at = next
  }
  return announced && operations > 1 ? protocolOf(head) : undefined
}

function protocolOf(head: Uint8Array): number {
  return head[0] === PROTO ? head[1] : 0
}

/** Index behind the argument that begins at `at` (may lie beyond the buffer); undefined when it is not a valid argument. */
function behindArgument(head: Uint8Array, at: number, argument: Argument): number | undefined {
  if ('skip' in argument) return at + argument.skip
  if ('counted' in argument) {
    let count = 0
    for (let i = argument.counted - 1; i >= 0; i--) count = count * 256 + (head[at + i] ?? 0)
    return at + argument.counted + count
  }
  let position = at
  for (const pattern of argument.lines) {
    const end = head.indexOf(0x0a, position)
    if (end === -1) return undefined
    if (!pattern.test(Buffer.from(head.subarray(position, end)).toString('latin1').replace(/\r$/, ''))) return undefined
    position = end + 1
  }
  return position
}
