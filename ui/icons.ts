/** One sprite for every icon: nothing is fetched from afar and no markup is parsed (trusted types). */

import { registerIconLibrary } from '@awesome.me/webawesome/dist/components/icon/library.js'
import { svg, html, type TemplateResult } from 'lit'
import { spriteUrl } from 'virtual:icons'

const kitLibrary = {
  spriteSheet: true,
  resolver: (name: string, _family?: string, variant?: string): string =>
    `${spriteUrl}#kit-${variant === 'regular' ? 'regular-' : ''}${name}`,
  // Without a viewBox the svg is 300 px wide and takes the clicks of its neighbours.
  mutator: (element: SVGElement): void => element.setAttribute('viewBox', '0 0 24 24'),
}

/** Points the icons inside the component kit at our sprite. */
export function useOwnSprite(): void {
  registerIconLibrary('default', kitLibrary)
  registerIconLibrary('system', kitLibrary)
}

/** One icon of `ui/icons/`, an ornament: what it says must also be said in words beside it. */
export const icon = (name: string): TemplateResult =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    ${svg`<use href=${`${spriteUrl}#${name}`}></use>`}
  </svg>`
