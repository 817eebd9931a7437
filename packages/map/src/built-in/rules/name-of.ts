import type { Node } from '../../graph-schema.ts'

/** The name in a node's front matter, where it has one. */
export const nameOf = ({ frontmatter }: Node): string[] =>
  typeof frontmatter?.['name'] === 'string' ? [frontmatter['name']] : []
