/** Looks of bubbles and of what stands between them. */

import { css } from 'lit'

export const messageRowStyles = css`
  .row {
    display: flex;
    flex-direction: column;
    align-items: flex-start;
    padding: 1px 16px;
    max-width: 892px;
    margin: 0 auto;
  }
  .row.opens {
    padding-top: 8px;
  }
  .row.mine {
    align-items: flex-end;
  }
  /* Somebody's in a group: room for the face beside the last bubble. */
  .row.faced {
    position: relative;
    padding-inline-start: 56px;
  }
  .row .by {
    --size: 32px;
    position: absolute;
    inset-inline-start: 16px;
    bottom: 1px;
  }
  /* Their own colour, as dark or as light as it must be to be read on a bubble. */
  .author {
    display: block;
    max-width: 100%;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-size: 13.5px;
    font-weight: 600;
    line-height: 1.35;
    color: light-dark(oklch(from var(--author) 0.48 min(c, 0.16) h), oklch(from var(--author) 0.8 min(c, 0.12) h));
  }
  .bubble.outside {
    background: none;
    box-shadow: none;
    border: 1.5px dashed var(--line-strong);
  }
  .outside .meta,
  .mine .outside .meta {
    color: var(--ink-quiet);
  }
  .row.notice-row {
    padding-block: 4px;
  }
  .told {
    max-width: min(92%, 560px);
    font-size: 13.5px;
    color: var(--ink-quiet);
    text-align: center;
    text-wrap: balance;
    overflow-wrap: anywhere;
  }
  .told.least {
    font-size: 12.5px;
  }
  .told .mono {
    font-size: inherit;
  }
  .outside-head {
    max-width: min(92%, 560px);
    padding: 10px 14px;
    border-radius: 12px;
    background: var(--warn-soft);
    color: var(--ink);
    font-size: 13.5px;
    text-wrap: pretty;
  }
  .outside-head h2 {
    display: flex;
    gap: 8px;
    align-items: center;
    font-size: 14px;
    color: var(--warn-ink);
  }
  .fork {
    display: flex;
    gap: 8px;
    align-items: flex-start;
    max-width: min(92%, 560px);
    padding: 8px 12px;
    border-radius: 12px;
    font-size: 13.5px;
    text-wrap: pretty;
  }
  .fork.quiet {
    color: var(--ink-quiet);
  }
  .fork.loud {
    background: var(--warn-soft);
    color: var(--ink);
  }
  .fork.loud .icon {
    color: var(--warn-ink);
  }
  .row.center {
    align-items: center;
    padding-block: 10px;
  }
  .bubble {
    position: relative;
    max-width: min(78%, 600px);
    min-width: 72px;
    padding: 7px 12px 7px;
    border-radius: 18px;
    background: var(--bubble);
    box-shadow: var(--shadow);
    overflow-wrap: anywhere;
    font-size: 15.5px;
    line-height: 1.4;
  }
  .mine .bubble {
    background: var(--bubble-mine);
  }
  .theirs .bubble.first,
  .theirs .bubble.middle {
    border-end-start-radius: 6px;
  }
  .theirs .bubble.middle,
  .theirs .bubble.last {
    border-start-start-radius: 6px;
  }
  .mine .bubble.first,
  .mine .bubble.middle {
    border-end-end-radius: 6px;
  }
  .mine .bubble.middle,
  .mine .bubble.last {
    border-start-end-radius: 6px;
  }
  /* Corners belong to the side of the page, not to the direction of the words. */
  .bubble[dir] {
    direction: inherit;
  }
  .meta {
    float: inline-end;
    display: inline-flex;
    align-items: center;
    gap: 4px;
    height: 18px;
    margin: 7px -3px -3px 12px;
    font-size: 12px;
    color: var(--ink-quiet);
    font-variant-numeric: tabular-nums;
    user-select: none;
  }
  .mine .meta {
    color: var(--bubble-mine-quiet);
  }
  .clock {
    color: var(--warn-ink);
  }
  warren-attachments {
    --quiet-here: var(--ink-quiet);
  }
  .mine warren-attachments {
    --quiet-here: var(--bubble-mine-quiet);
  }
  .bubble.big {
    background: none;
    box-shadow: none;
    padding-inline: 4px;
  }
  .big .words {
    display: block;
    line-height: 1.15;
    font-size: 44px;
  }
  .big-1 .words {
    font-size: 64px;
  }
  .mine .big .meta,
  .big .meta {
    color: var(--ink-quiet);
    margin-top: 0;
  }
  .notice {
    display: flex;
    gap: 8px;
    color: var(--ink-quiet);
    font-size: 14px;
  }
  .mine .notice {
    color: var(--bubble-mine-quiet);
  }
  .notice .icon {
    width: 18px;
    height: 18px;
    margin-top: 1px;
  }
  .after {
    margin: 4px 6px 2px;
    font-size: 13px;
    color: var(--ink-quiet);
    text-align: end;
  }
  .after.failed {
    color: var(--danger);
  }
  .after button {
    min-height: 32px;
    padding: 4px 8px;
    font-weight: 600;
    text-decoration: underline;
    text-underline-offset: 2px;
  }
  .chip {
    padding: 4px 12px;
    border-radius: 12px;
    font-size: 13px;
    font-weight: 600;
    color: var(--ink-quiet);
    background: var(--panel);
    box-shadow: var(--shadow);
    text-align: center;
  }
  .beginning {
    max-width: 340px;
    padding: 24px 0 12px;
    text-align: center;
    color: var(--ink-quiet);
    font-size: 14px;
    text-wrap: balance;
    overflow-wrap: anywhere;
  }
  .beginning warren-avatar {
    --size: 72px;
    margin: 0 auto 12px;
  }
  .beginning-name {
    color: var(--ink);
    font-size: 18px;
    font-weight: 600;
    line-height: 1.3;
    margin-bottom: 4px;
  }
  .loading {
    font-size: 13px;
    color: var(--ink-quiet);
  }
  .line {
    align-self: stretch;
    display: flex;
    align-items: center;
    gap: 12px;
    color: var(--brand-ink);
    font-size: 13px;
    font-weight: 600;
  }
  .line::before,
  .line::after {
    content: '';
    flex: 1;
    height: 1px;
    background: currentColor;
    opacity: 0.4;
  }
  @media (max-width: 719px) {
    .row {
      padding-inline: 10px;
    }
    .row.faced {
      padding-inline-start: 44px;
    }
    .row .by {
      --size: 28px;
      inset-inline-start: 9px;
    }
    .bubble {
      max-width: 85%;
    }
  }
`
