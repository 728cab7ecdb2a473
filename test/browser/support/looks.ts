/** How screens are looked at: widths and schemes, and whether all of it fits. */

import type { Page } from 'playwright-core'
import type { Look } from './browser.ts'

/** Somebody wants to see them. */
export const wantsPictures = (process.env['WARREN_SCREENSHOTS'] ?? '') !== ''

/** Two of the four show every colour and every width; the others are for who wants to see them. */
export const looks: readonly (Look & Required<Pick<Look, 'width' | 'scheme'>>)[] = [
  { width: 360, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
  ...(wantsPictures
    ? ([
        { width: 360, scheme: 'dark' },
        { width: 1280, scheme: 'light' },
      ] as const)
    : []),
]

/** Nothing is wider than the window. */
export async function fits(page: Page): Promise<boolean> {
  return await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
}
