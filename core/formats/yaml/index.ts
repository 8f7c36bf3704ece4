export { readYaml, YAML_LIMITS } from './read.ts'
export { writeYaml } from './write.ts'
