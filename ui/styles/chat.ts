/** Looks of one conversation: its head, and what lies over it. */

import { css } from 'lit'

export const chatStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
    position: relative;
    background: var(--ground);
  }
  .drop {
    position: absolute;
    inset: 12px;
    z-index: 3;
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 8px;
    border: 2.5px dashed var(--brand-ink);
    border-radius: 20px;
    background: color-mix(in oklab, var(--panel) 92%, transparent);
    color: var(--brand-ink);
    font-weight: 600;
    pointer-events: none;
  }
  header {
    display: flex;
    align-items: center;
    gap: 10px;
    min-height: 64px;
    padding: 8px 14px;
    background: var(--panel);
    border-bottom: 1px solid var(--line);
    z-index: 1;
  }
  .back {
    display: none;
    margin-inline-start: -6px;
  }
  warren-avatar {
    --size: 42px;
  }
  .who {
    flex: 1;
    min-width: 0;
  }
  .name {
    display: flex;
    align-items: center;
    gap: 6px;
  }
  h1 {
    font-size: 16.5px;
    line-height: 1.3;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    outline: none;
  }
  .presence {
    font-size: 13.5px;
    color: var(--ink-quiet);
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .presence.live {
    color: var(--online-ink);
  }
  warren-messages {
    flex: 1;
    min-height: 0;
  }
  .gone {
    margin: auto;
    padding: 32px;
    text-align: center;
    color: var(--ink-quiet);
  }
  @media (max-width: 719px) {
    .back {
      display: inline-grid;
    }
    header {
      gap: 8px;
      padding: 6px 8px;
    }
  }
`
