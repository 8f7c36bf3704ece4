/** Prefix tree over UTF-16 units: finds, at one position of a text, every entry that begins there. */
export interface TrieNode {
  readonly next: Map<number, TrieNode>
  value: number
}

export function trieNode(): TrieNode {
  return { next: new Map(), value: -1 }
}

/** Adds a text with a value from 0. */
export function trieAdd(root: TrieNode, text: string, value: number): void {
  let node = root
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    let child = node.next.get(unit)
    if (child === undefined) {
      child = trieNode()
      node.next.set(unit, child)
    }
    node = child
  }
  node.value = value
}

/** Value and end of the longest entry that begins at `at`, or undefined. */
export function trieLongest(root: TrieNode, text: string, at: number): { value: number; end: number } | undefined {
  let node: TrieNode | undefined = root
  let found: { value: number; end: number } | undefined
  for (let i = at; i < text.length; i++) {
    node = node.next.get(text.charCodeAt(i))
    if (node === undefined) break
    if (node.value >= 0) found = { value: node.value, end: i + 1 }
  }
  return found
}
