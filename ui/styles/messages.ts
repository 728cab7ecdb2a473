/** Looks of the scrolling message list. */

import { css } from 'lit'

export const messagesStyles = css`
  :host {
    display: block;
    position: relative;
    overflow: hidden;
  }
  .scroll {
    height: 100%;
    overflow-y: auto;
    overscroll-behavior: contain;
    contain: strict;
    overflow-anchor: none;
    display: flex;
    flex-direction: column;
    visibility: hidden;
  }
  .scroll.placed {
    visibility: visible;
  }
  .scroll:focus-visible {
    outline-offset: -3px;
  }
  /* A short conversation stands at the bottom, beside the words one writes. */
  .space {
    position: relative;
    width: 100%;
    flex: none;
    margin-top: auto;
  }
  .rows {
    position: absolute;
    inset: 0 0 auto 0;
  }
  .jump {
    position: absolute;
    right: 20px;
    bottom: 12px;
    width: 44px;
    height: 44px;
    display: grid;
    place-items: center;
    border-radius: 50%;
    background: var(--panel);
    color: var(--ink-quiet);
    box-shadow: var(--shadow-high);
  }
  .jump:hover {
    color: var(--ink);
  }
  .count {
    position: absolute;
    top: -8px;
    min-width: 22px;
    padding: 0 6px;
    border-radius: 11px;
    background: var(--brand);
    color: #fff;
    font-size: 12.5px;
    font-weight: 700;
    line-height: 22px;
    text-align: center;
  }
  .failure {
    position: absolute;
    inset: auto 16px 16px;
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 12px;
    padding: 10px 10px 10px 16px;
    border-radius: 14px;
    background: var(--danger-soft);
    box-shadow: var(--shadow-high);
  }
`
