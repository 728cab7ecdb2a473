/** Asks axe-core about a screen, and keeps a picture of it when wanted. */

import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { wantsPictures } from './looks.ts'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const folder = fileURLToPath(new URL('../../../build/screenshots', import.meta.url))

const run = `axe.run(document, {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
  preload: false,
}).then(({ violations }) => violations.flatMap(({ id, help, nodes }) =>
  nodes.map(({ target, any }) => id + ': ' + help + ' at ' + target.flat().join(' > ') + ' ' + (any[0]?.message ?? ''))))`

/** What axe-core finds on what the page shows now. */
export async function violations(page: Page): Promise<string[]> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(source)
  return await page.evaluate<string[]>(run)
}

/** No violation. */
export async function axe(t: Test, page: Page, screen: string): Promise<void> {
  if (wantsPictures) {
    mkdirSync(folder, { recursive: true })
    await page.screenshot({ path: `${folder}/${screen.replaceAll(/[^\w-]+/g, '-')}.png` })
  }
  t.strictSame(await violations(page), [], `axe finds nothing on "${screen}"`)
}
