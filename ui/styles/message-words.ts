/** Looks of what a message says. */

import { css } from 'lit'

export const messageWordsStyles = css`
  .words {
    white-space: pre-wrap;
    unicode-bidi: plaintext;
  }
  /* Folded away, and yet the browser's own search finds it. */
  .words .rest[hidden] {
    display: block !important;
    content-visibility: hidden;
  }
  .words .more::after {
    content: '…';
  }
  .fold {
    float: inline-start;
    clear: both;
    min-height: 44px;
    margin-block: -4px -10px;
    padding-inline-end: 16px;
    font-weight: 600;
    color: var(--brand-ink);
    text-align: start;
  }
  /* Beside it, at the same height. */
  .fold ~ .meta {
    margin-top: 15px;
  }
  .fold:hover {
    text-decoration: underline;
    text-underline-offset: 2px;
  }
  .mine .fold {
    color: inherit;
  }
  .words a {
    color: var(--brand-ink);
  }
  .mine .words a {
    color: inherit;
  }
`
