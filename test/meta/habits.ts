/** Habits of the house that a look at names and texts can check. */

import type { SourceFile } from './source-files.ts'

const kebab = /^(?:[a-z0-9]+(?:-[a-z0-9]+)*)(?:\.test|\.d)?(?:\.[a-z0-9]+)*$/
/** Names that the world gave. */
const given =
  /^(?:README|ARCHITECTURE|CHANGELOG|CONTRIBUTING|SECURITY|LICENSE|Makefile)(?:\.md)?$|^\.[a-z.]+$|^tsconfig\..*json$/

export const badNames = (paths: readonly string[]): string[] =>
  paths.filter((path) => path.split('/').some((part) => !kebab.test(part) && !given.test(part)))

const banned = /(?:^|\/)(?:utils?|helpers?|common|misc|index)\.ts$/

export const vagueNames = (paths: readonly string[]): string[] => paths.filter((path) => banned.test(path))

/** Where somebody's own files lie: a folder of the root user, of a Mac or Linux user, or of a build machine. */
const machinePath = /(?:^|[^\w.\-/*])\/(?:work|root|farm|Users|home)\/[\w.-]+/

export function machinePaths(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, at) => (machinePath.test(line.replaceAll('/home/alice', '')) ? [`${path}:${at + 1}`] : [])),
  )
}

/** A test that is left out, alone, or put off; with a reason it depends on, `{ skip: reason }` is fine. */
const leftOut = /\.(?:only|skip|todo)\(|\b(?:skip|todo|only): true\b/

export const leftOutTests = (files: readonly SourceFile[]): string[] =>
  files.filter(({ text }) => leftOut.test(text)).map(({ path }) => path)

/** A doc comment, before anything else, says what a file is for. */
export const purposeless = (files: readonly SourceFile[]): string[] =>
  files.filter(({ text }) => !/^(?:#!.*\n)?\/\*\*[\s\S]*?\*\//.test(text)).map(({ path }) => path)
