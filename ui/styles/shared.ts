/** Looks that every element shares: buttons, fields, links, icons. Adopted sheets, so the content policy lets them in. */

import { css } from 'lit'

export const base = css`
  :host {
    box-sizing: border-box;
  }
  /* Not inherited: what stands in a details element would take after a box that nobody can style. */
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  [hidden],
  /* On its way: see elements/later.ts. */
  wa-dialog:not(:defined) {
    display: none !important;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd,
  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  a {
    color: var(--brand-ink);
    text-underline-offset: 2px;
  }
  .icon {
    width: 1.35em;
    height: 1.35em;
    flex: none;
    display: block;
  }
  .quiet {
    color: var(--ink-quiet);
  }
  /* Beside a name: see elements/verified-mark.ts. */
  .mark {
    flex: none;
    display: inline-block;
    vertical-align: -0.18em;
    color: var(--online-ink);
  }
  bdi + .mark {
    margin-inline-start: 0.35em;
  }
  .mark.changed {
    color: var(--danger);
  }
  .mark .icon {
    width: 1.15em;
    height: 1.15em;
  }
  .small {
    font-size: 13px;
  }
  .mono {
    font-family: var(--mono);
    font-size: 13px;
    overflow-wrap: anywhere;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  :focus-visible {
    outline: 2px solid var(--brand-ink);
    outline-offset: 2px;
  }
  /* Focused by the page, never by Tab: a heading that a screen reader shall begin at. */
  [tabindex='-1']:focus-visible {
    outline: none;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation-duration: 0.01ms !important;
      transition: none !important;
      scroll-behavior: auto !important;
    }
  }
`

export const buttons = css`
  button,
  .button {
    font: inherit;
    color: inherit;
    background: none;
    border: 0;
    padding: 0;
    cursor: pointer;
    -webkit-tap-highlight-color: transparent;
  }
  button:disabled {
    cursor: default;
    opacity: 0.55;
  }
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 40px;
    padding: 8px 16px;
    border-radius: 12px;
    font-weight: 600;
    font-size: 14.5px;
    line-height: 1.2;
    text-decoration: none;
    background: var(--sunken);
    transition:
      background-color 120ms,
      transform 120ms;
  }
  .button:hover:not(:disabled) {
    background: color-mix(in oklab, var(--sunken), var(--ink) 7%);
  }
  .button:active:not(:disabled) {
    transform: scale(0.98);
  }
  .button.primary {
    background: var(--brand);
    color: #fff;
  }
  .button.primary:hover:not(:disabled) {
    background: var(--brand-hover);
  }
  .button.danger {
    color: var(--danger);
  }
  .button.danger-fill {
    background: var(--danger-fill);
    color: #fff;
  }
  .button.danger-fill:hover:not(:disabled) {
    background: color-mix(in oklab, var(--danger-fill), black 15%);
  }
  .icon-button {
    display: inline-grid;
    place-items: center;
    flex: none;
    width: 40px;
    height: 40px;
    border-radius: 12px;
    color: var(--ink-quiet);
    transition: background-color 120ms;
  }
  .icon-button:hover {
    background: var(--hover);
    color: var(--ink);
  }
  .row-buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  @media (max-width: 719px), (pointer: coarse) {
    .button {
      min-height: 44px;
    }
    .icon-button {
      width: 44px;
      height: 44px;
    }
  }
`

export const fields = css`
  label,
  .label {
    display: block;
    font-weight: 600;
    font-size: 14px;
    margin-bottom: 6px;
  }
  input[type='text'],
  input[type='password'],
  input[type='search'],
  select,
  textarea {
    width: 100%;
    min-height: 44px;
    padding: 10px 14px;
    font: inherit;
    color: var(--ink);
    background: var(--raised);
    border: 1px solid var(--line-strong);
    border-radius: 12px;
    transition: border-color 120ms;
  }
  textarea {
    resize: none;
  }
  input::placeholder,
  textarea::placeholder {
    color: var(--ink-quiet);
    opacity: 1;
  }
  input:focus-visible,
  textarea:focus-visible,
  select:focus-visible {
    outline: 2px solid var(--brand-ink);
    outline-offset: -1px;
    border-color: transparent;
  }
  .field {
    margin-bottom: 18px;
  }
  .hint {
    margin-top: 6px;
    font-size: 13px;
    color: var(--ink-quiet);
  }
  .error {
    display: flex;
    gap: 10px;
    padding: 12px 14px;
    border-radius: 12px;
    background: var(--danger-soft);
    color: var(--ink);
  }
  .error .icon {
    color: var(--danger);
  }
  wa-switch {
    --width: 42px;
    --height: 26px;
    --thumb-size: 20px;
    width: 100%;
  }
  wa-switch::part(base),
  wa-switch::part(switch) {
    width: 100%;
    min-height: 44px;
    flex-direction: row-reverse;
    justify-content: space-between;
    gap: 12px;
  }
  wa-switch::part(thumb) {
    border: 0;
  }
  wa-switch[checked]::part(thumb),
  wa-switch:state(checked)::part(thumb) {
    background: #fff;
  }
  wa-switch::part(label) {
    margin: 0;
    font-weight: 600;
    font-size: 14.5px;
    line-height: 1.35;
  }
`

/** Pages of cards: settings, details, welcome. */
export const cards = css`
  .card {
    background: var(--panel);
    border-radius: 18px;
    padding: 20px;
    box-shadow: var(--shadow);
  }
  .card + .card {
    margin-top: 16px;
  }
  .card > h2 {
    font-size: 16px;
    margin-bottom: 14px;
  }
  .pane-head {
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: 64px;
    padding: 8px 12px;
    background: var(--panel);
    border-bottom: 1px solid var(--line);
  }
  .pane-head h1 {
    font-size: 18px;
    flex: 1;
    outline: none;
  }
`
