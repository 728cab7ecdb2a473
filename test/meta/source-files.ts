/** Every file that people write, with its text. */

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const top = fileURLToPath(new URL('../..', import.meta.url))

export interface SourceFile {
  /** From the top, with slashes. */
  readonly path: string
  readonly text: string
}

export const folders = ['protocol', 'daemon', 'ui', 'pnserver', 'scripts', 'test', 'docs'] as const

const binary = /\.(?:png|jpg|ico|woff2|wasm)$/

/** Files below `folder`, generated and binary ones left out. */
export function readFolder(folder: (typeof folders)[number]): SourceFile[] {
  const files: SourceFile[] = []
  for (const entry of readdirSync(join(top, folder), { recursive: true, withFileTypes: true })) {
    const full = join(entry.parentPath, entry.name)
    const path = relative(top, full).split(sep).join('/')
    if (!entry.isFile() || binary.test(path) || path.includes('/generated/') || path.includes('/.tap/')) continue
    files.push({ path, text: readFileSync(full, 'utf8') })
  }
  return files
}

/** The files at the top itself. */
export function readTop(): SourceFile[] {
  const names = readdirSync(top, { withFileTypes: true }).filter((entry) => entry.isFile() && !binary.test(entry.name))
  return names
    .filter(({ name }) => name !== 'package-lock.json')
    .map(({ name }) => ({ path: name, text: readFileSync(join(top, name), 'utf8') }))
}
