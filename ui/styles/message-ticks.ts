/** Looks of ticks, and of what stands beside them. */

import { css } from 'lit'

export const messageTicksStyles = css`
  .ticks,
  .clock {
    display: inline-flex;
  }
  .ticks .icon,
  .clock .icon {
    width: 17px;
    height: 17px;
  }
  .ticks {
    align-items: center;
    gap: 3px;
  }
  /* Drawn and not text: the mark has a name that says it in words. */
  .tick-count::before {
    content: attr(data-count);
  }
  .tick-count {
    font-size: 11.5px;
  }
  /* Larger to the finger than to the eye. */
  .tick-button {
    position: relative;
    display: inline-flex;
    line-height: 1;
    padding: 0;
    border-radius: 6px;
    color: inherit;
    font: inherit;
  }
  .tick-button::after {
    content: '';
    position: absolute;
    inset: -9px -10px;
  }
  .ticks.read {
    color: var(--read);
  }
  .ticks.failed {
    color: var(--danger);
  }
`
