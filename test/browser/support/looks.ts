/** The widths and schemes in which screens are looked at. */

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
