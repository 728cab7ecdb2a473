/** What stands where one would write, while one may not. */

import { css } from 'lit'

export const foot = css`
  :host {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: 12px;
    padding: 14px 16px calc(14px + env(safe-area-inset-bottom));
    background: var(--panel);
    border-top: 1px solid var(--line);
  }
  span {
    overflow-wrap: anywhere;
    text-wrap: balance;
    text-align: center;
  }
`

/** As high as the composer in whose place it is, and little to do in it. */
export const quietFoot = css`
  :host {
    gap: 4px 12px;
    min-height: 62px;
    padding: 10px 16px calc(10px + env(safe-area-inset-bottom));
  }
  span {
    color: var(--ink-quiet);
  }
`
