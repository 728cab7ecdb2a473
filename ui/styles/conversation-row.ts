/** Looks of a line in the conversation list. */

import { css } from 'lit'

export const conversationRowStyles = css`
  .row {
    display: grid;
    grid-template-columns: auto 1fr auto;
    grid-template-areas: 'face name time' 'face preview badge';
    column-gap: 12px;
    row-gap: 1px;
    align-items: center;
    padding: 10px;
    border-radius: 14px;
    color: inherit;
    text-decoration: none;
    -webkit-tap-highlight-color: transparent;
  }
  .row:hover {
    background: var(--hover);
  }
  .row[aria-current] {
    background: var(--chosen);
  }
  .row:focus-visible {
    outline-offset: -2px;
  }
  .row warren-avatar {
    grid-area: face;
  }
  .name {
    grid-area: name;
    display: flex;
    align-items: center;
    gap: 6px;
    min-width: 0;
    font-weight: 600;
    font-size: 15.5px;
  }
  .name bdi,
  .preview bdi {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    min-width: 0;
  }
  .name .icon {
    width: 15px;
    height: 15px;
    color: var(--ink-quiet);
  }
  .name .alarm .icon {
    color: var(--danger);
  }
  .name .mark {
    margin: 0;
  }
  .name .former {
    flex: none;
    padding: 1px 7px;
    border-radius: 8px;
    background: var(--sunken);
    color: var(--ink-quiet);
    font-size: 12px;
    font-weight: 500;
  }
  .name .mark .icon {
    width: 17px;
    height: 17px;
    color: inherit;
  }
  .time {
    grid-area: time;
    font-size: 12.5px;
    color: var(--ink-quiet);
    font-variant-numeric: tabular-nums;
  }
  .preview {
    grid-area: preview;
    display: flex;
    align-items: center;
    gap: 5px;
    min-width: 0;
    min-height: 22px;
    font-size: 14px;
    color: var(--ink-quiet);
    overflow: hidden;
    white-space: nowrap;
  }
  /* Nothing is unread: the words may have the badge's place. */
  .preview:last-child {
    grid-column: preview-start / badge-end;
  }
  .preview .ticks .icon {
    width: 17px;
    height: 17px;
  }
  .typing {
    color: var(--brand-ink);
    font-weight: 500;
  }
  .draft {
    color: var(--danger);
    flex: none;
  }
  .badge {
    grid-area: badge;
    min-width: 22px;
    height: 22px;
    padding: 0 7px;
    border-radius: 11px;
    background: var(--brand);
    color: #fff;
    font-size: 12.5px;
    font-weight: 700;
    line-height: 22px;
    text-align: center;
    font-variant-numeric: tabular-nums;
    position: relative;
  }
  .badge.muted {
    background: var(--ink-quiet);
    color: var(--panel);
  }
  .ticks {
    display: inline-flex;
    flex: none;
  }
  .ticks.read {
    color: var(--read);
  }
  .ticks.failed {
    color: var(--danger);
  }
`
