/** Dialogs with a form in them, and those that fill a phone. */

import { css } from 'lit'

export const dialogs = css`
  wa-dialog {
    --width: min(440px, calc(100vw - 32px));
    --spacing: 20px;
  }
  /* A title of two lines has air above it, too. */
  wa-dialog::part(header) {
    padding-top: 14px;
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

/** On a phone it is all there is to see. */
export const wholeScreenDialogs = css`
  @media (max-width: 719px) {
    wa-dialog::part(dialog) {
      width: 100vw;
      max-width: 100vw;
      height: 100dvh;
      max-height: 100dvh;
      margin: 0;
      border-radius: 0;
    }
  }
`

/** For what is long: as wide as a column of text, and all of a small screen. */
export const tallDialogs = [
  wholeScreenDialogs,
  css`
    wa-dialog {
      --width: min(520px, 100vw);
      --spacing: 20px;
    }
    wa-dialog::part(title) {
      overflow-wrap: anywhere;
    }
    wa-dialog::part(body) {
      padding-top: 0;
    }
    @media (max-width: 719px) {
      .row-buttons .button {
        flex: 1;
      }
    }
  `,
]
