/** Opens the page through a private file, so that its one-use code is never in an argument list that others can read. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Surroundings } from '../options.ts'

/** An opener that still runs after this time has found a browser. */
const openerMs = 3000

/** The program that opens a file on this platform; undefined where no browser can be seen by anyone. */
function findOpener({ env, platform }: Surroundings): [string, ...string[]] | undefined {
  const has = (name: string): boolean => (env[name] ?? '') !== ''
  if (has('CI') || has('SSH_CONNECTION') || has('SSH_TTY')) return undefined
  if (platform === 'darwin') return ['open']
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler']
  return has('DISPLAY') || has('WAYLAND_DISPLAY') ? ['xdg-open'] : undefined
}

const redirectPath = (home: string): string => join(home, 'open.html')

const page = (url: string): string =>
  `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">` +
  `<meta http-equiv="refresh" content="0;url=${url}"><title>Warren</title>\n`

/** Removes what openBrowser() left; its code is dead after a minute. */
export function removeRedirect(home: string): void {
  rmSync(redirectPath(home), { force: true })
}

/** False if no browser could be started: the link is then to be printed. `url` holds no quotes. */
export async function openBrowser(home: string, url: string, around: Surroundings): Promise<boolean> {
  const opener = findOpener(around)
  if (opener === undefined) return false
  const [program, ...words] = opener
  removeRedirect(home)
  writeFileSync(redirectPath(home), page(url), { mode: 0o600, flag: 'wx' })
  const child = spawn(program, [...words, redirectPath(home)], { stdio: 'ignore', detached: true })
  try {
    const [code] = (await once(child, 'exit', { signal: AbortSignal.timeout(openerMs) })) as [number | null]
    if (code === 0) return true
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return true
  } finally {
    child.unref()
  }
  removeRedirect(home)
  return false
}
