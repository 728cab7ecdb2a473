/** A screen with nothing around it: one narrow column in the middle, under the logo. */

import { css } from 'lit'

export const screenStyles = css`
  :host {
    display: grid;
    place-items: center;
    height: 100%;
    padding: 24px;
    overflow-y: auto;
  }
  main {
    width: min(420px, 100%);
  }
  warren-logo {
    --size: 76px;
    margin: 0 auto 24px;
  }
  h1 {
    font-size: 24px;
    line-height: 1.25;
    letter-spacing: -0.01em;
    margin-bottom: 10px;
    text-align: center;
    text-wrap: balance;
  }
  .lead {
    color: var(--ink-quiet);
    font-size: 16px;
    text-align: center;
    text-wrap: pretty;
  }
`
