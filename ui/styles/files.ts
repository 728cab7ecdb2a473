/** What files look like alike: in messages, and above the box that the next one is written in. */

import { css } from 'lit'

export const fileStyles = css`
  progress {
    width: 100%;
    height: 6px;
    accent-color: var(--brand);
  }
  .round {
    flex: none;
    display: grid;
    place-items: center;
    width: 44px;
    height: 44px;
    border-radius: 50%;
  }
  .round:hover {
    background: color-mix(in oklab, currentColor 10%, transparent);
  }
  .sign {
    flex: none;
    position: relative;
    display: grid;
    place-items: center;
    width: 44px;
    height: 44px;
    border-radius: 12px;
    overflow: hidden;
    background: color-mix(in oklab, currentColor 10%, transparent);
  }
  .about {
    flex: 1;
    min-width: 0;
    display: flex;
    flex-direction: column;
  }
  .problem {
    font-size: 13px;
    color: var(--danger);
  }
`
