/** Puts the list of the built page's files in front of its service worker: a worker that is other bytes is a newer one. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { extname } from 'node:path'
import type { Plugin } from 'vite'
import { pagePolicy } from '../daemon/api/headers.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}

const worker = 'service-worker.js'

/** By address, `/` for index.html; throws on a file of a kind that is not known. */
export function listShellFiles(folder: string): Record<string, { hash: string; type: string }> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== worker)
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .toSorted()
  return Object.fromEntries(
    files.map((file) => {
      const type = types[extname(file)]
      if (type === undefined) throw new Error(`no type is known for ${file}`)
      const path = file.slice(folder.length).replace(/^\/index\.html$/, '/')
      return [path, { hash: createHash('sha256').update(readFileSync(file)).digest('base64'), type }]
    }),
  )
}

export const shellFiles = (folder: string): Plugin => ({
  name: 'shell-files',
  apply: 'build',
  closeBundle() {
    const script = readFileSync(`${folder}/${worker}`, 'utf8')
    const files = JSON.stringify(listShellFiles(folder))
    const build = createHash('sha256').update(files).digest('hex').slice(0, 16)
    const policy = JSON.stringify(pagePolicy)
    writeFileSync(
      `${folder}/${worker}`,
      `const shellFiles=${files},shellPolicy=${policy},shellBuild='${build}';\n${script}`,
    )
  },
})
