/** Dialogs with a form in them. */

import { css } from 'lit'

export const dialogs = css`
  wa-dialog {
    --width: min(440px, calc(100vw - 32px));
    --spacing: 20px;
  }
  wa-dialog::part(title) {
    font-size: 18px;
    font-weight: 700;
  }
  wa-dialog::part(close-button__base) {
    min-width: 44px;
    min-height: 44px;
  }
  .text {
    color: var(--ink-quiet);
    text-wrap: pretty;
    margin-bottom: 16px;
  }
  .error {
    margin-bottom: 16px;
  }
  .row-buttons {
    margin-top: 20px;
    justify-content: flex-end;
  }
`
