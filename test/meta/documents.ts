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

/** `path:line`, for each blank line that cuts a table in two: what comes after it has no head, and is shown as plain text. */
export const splitTables = (documents: readonly SourceFile[]): string[] =>
  documents.flatMap(({ path, text }) => {
    const lines = text.split('\n')
    const isRow = (at: number): boolean => lines[at]?.startsWith('|') === true
    const isHead = (at: number): boolean => /^\|[ :|-]+$/.test(lines[at + 1] ?? '')
    return lines.flatMap((line, at) =>
      line === '' && isRow(at - 1) && isRow(at + 1) && !isHead(at + 1) ? [`${path}:${at + 1}`] : [],
    )
  })

const numberOf = (path: string): string | undefined => /^docs\/decisions\/(\d{4})-/.exec(path)?.[1]

/** Numbers that two decisions have, and `path: number` for each that is named and that no decision has. */
export function wrongDecisions(documents: readonly SourceFile[]): string[] {
  const numbers = documents.flatMap(({ path }) => numberOf(path) ?? [])
  const twice = numbers.filter((number, at) => numbers.indexOf(number) !== at)
  const unknown = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/\bdecisions? ((?:\d{4}(?:, | and )?)+)/g)].flatMap(([, named = '']) =>
      [...named.matchAll(/\d{4}/g)].flatMap(([number]) => (numbers.includes(number) ? [] : [`${path}: ${number}`])),
    ),
  )
  return [...twice, ...unknown]
}
