/** Looks of a loud word about somebody, with fingerprints below it. */

import { css } from 'lit'

export const noticeStyles = css`
  :host {
    display: block;
  }
  .notice {
    margin: 12px 0;
    padding: 12px 14px;
    border-radius: 14px;
    background: var(--danger-soft);
    text-align: start;
  }
  .notice p {
    display: flex;
    gap: 8px;
    color: var(--danger);
    font-weight: 600;
    overflow-wrap: anywhere;
  }
  .notice p .icon {
    flex: none;
    margin-top: 2px;
  }
  dl {
    display: grid;
    grid-template-columns: minmax(0, auto) minmax(0, 1fr);
    gap: 4px 12px;
    margin: 10px 0 0;
    font-size: 14px;
  }
  dt {
    color: var(--ink-quiet);
    overflow-wrap: anywhere;
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  .hint {
    margin-top: 8px;
  }
`
