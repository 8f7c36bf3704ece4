import { stringify } from 'yaml'

/** Plain records as YAML 1.2 text that `readYaml` reads back to equal values; keys keep their order. */
export function writeYaml(value: unknown): string {
  return stringify(value, { version: '1.2', schema: 'core', lineWidth: 0, aliasDuplicateObjects: false })
}
