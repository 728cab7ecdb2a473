/** The burrow's door: two arches and a light inside. */

import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'

@customElement('warren-logo')
export class WarrenLogo extends LitElement {
  static override styles = css`
    :host {
      --size: 32px;
      display: block;
      width: var(--size);
      height: var(--size);
    }
    svg {
      display: block;
      width: 100%;
      height: 100%;
    }
    .ground {
      fill: var(--brand);
    }
    path {
      fill: none;
      stroke-width: 5;
      stroke-linecap: round;
    }
    .outer {
      stroke: #fbdfce;
    }
    .inner {
      stroke: #fff;
    }
    .light {
      fill: #fff;
    }
  `

  override render(): TemplateResult {
    return html`<svg viewBox="0 0 64 64" aria-hidden="true">
      <rect class="ground" width="64" height="64" rx="17"></rect>
      <path class="outer" d="M12 50V32a20 20 0 0 1 40 0v18"></path>
      <path class="inner" d="M22 50V33a10 10 0 0 1 20 0v17"></path>
      <circle class="light" cx="32" cy="46" r="4"></circle>
    </svg>`
  }
}
