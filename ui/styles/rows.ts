/** Rows of a settings list: what it is, and a small button or two. */

import { css } from 'lit'

export const rowStyles = css`
  :host {
    display: block;
  }
  li {
    display: flex;
    align-items: center;
    gap: 12px;
    min-height: 52px;
    padding-block: 6px;
  }
  li + li {
    border-top: 1px solid var(--line);
  }
  .what {
    flex: 1;
    min-width: 0;
  }
  .button {
    padding: 6px 12px;
  }
`
