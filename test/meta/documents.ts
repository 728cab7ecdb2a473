/** What documents point at, and what of it is not there. */

import { posix } from 'node:path'
import type { SourceFile } from './source-files.ts'

/** `path: what it names`, for each file in backquotes that is not there. Generated folders are not looked into. */
export const deadPaths = (documents: readonly SourceFile[], exists: (path: string) => boolean): string[] =>
  documents.flatMap(({ path, text }) =>
    [...text.matchAll(/`((?:test|scripts|docs|daemon|protocol|ui)\/[\w./-]+\.(?:ts|md|json|sh))`/g)].flatMap(
      ([, named = '']) => (exists(named) ? [] : [`${path}: ${named}`]),
    ),
  )

/** A heading's anchor, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const anchorsOf = (text: string): Set<string> =>
  new Set([...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)))

/** `path: link`, for each link to a file or heading that is not there. */
export function deadLinks(documents: readonly SourceFile[], exists: (path: string) => boolean): string[] {
  const anchors = new Map(documents.map(({ path, text }) => [path, anchorsOf(text)]))
  return documents.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
      if (/^[a-z]+:/.test(link)) return []
      const [file = '', anchor] = link.split('#')
      const target = file === '' ? path : posix.normalize(posix.join(posix.dirname(path), file))
      const known = anchors.get(target)
      const isThere = exists(target) && (anchor === undefined || known === undefined || known.has(anchor))
      return isThere ? [] : [`${path}: ${link}`]
    }),
  )
}
