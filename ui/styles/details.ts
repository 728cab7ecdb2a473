/** Looks of the details panel. */

import { css } from 'lit'

export const detailsStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
    background: var(--ground);
  }
  .scroll {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
    padding: 16px 16px 32px;
  }
  .scroll > * {
    max-width: 560px;
    margin-inline: auto;
  }
  .face {
    text-align: center;
    padding: 12px 0 20px;
  }
  .face warren-avatar {
    --size: 96px;
    margin: 0 auto 14px;
  }
  .face h2 {
    font-size: 22px;
    letter-spacing: -0.01em;
    overflow-wrap: anywhere;
  }
  .face .status {
    margin: 4px 0;
    overflow-wrap: anywhere;
  }
  warren-safety + .card,
  warren-completeness,
  warren-completeness + .card {
    margin-top: 16px;
  }
  .actions {
    display: grid;
    gap: 8px;
  }
  .actions .button {
    justify-content: flex-start;
    background: none;
    padding-inline: 10px;
  }
  .error {
    margin-bottom: 16px;
  }
  .gone {
    margin: auto;
    color: var(--ink-quiet);
  }
`
