/** Looks of the dialog about one member. */

import { css } from 'lit'

export const memberStyles = css`
  .face {
    text-align: center;
    padding: 4px 0 18px;
  }
  .face warren-avatar {
    --size: 76px;
    margin: 0 auto 12px;
  }
  h3 {
    font-size: 20px;
    overflow-wrap: anywhere;
  }
  .roles,
  warren-member-contact {
    display: block;
    margin-bottom: 18px;
  }
  .roles label {
    display: flex;
    align-items: center;
    gap: 12px;
    min-height: 48px;
    margin: 0;
    padding: 4px 0;
    cursor: pointer;
  }
  .roles input {
    flex: none;
    width: 20px;
    height: 20px;
    margin: 0;
    accent-color: var(--brand);
  }
  .roles .hint {
    display: block;
    margin: 0;
    font-weight: 400;
  }
  .devices li {
    display: flex;
    align-items: center;
    gap: 10px;
    min-height: 36px;
  }
  .devices .icon {
    color: var(--ink-quiet);
  }
  .live {
    margin-inline-start: auto;
    color: var(--online-ink);
  }
  .actions {
    display: grid;
    gap: 8px;
    margin-top: 18px;
    padding-top: 12px;
    border-top: 1px solid var(--line);
  }
  .actions .button {
    justify-content: flex-start;
    background: none;
    padding-inline: 10px;
  }
`
