/** What is tucked away behind a line that one opens. */

import { css } from 'lit'

export const disclosures = css`
  details {
    border-radius: 12px;
  }
  summary {
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: 44px;
    font-weight: 600;
    font-size: 14.5px;
    cursor: pointer;
    list-style: none;
    border-radius: 8px;
  }
  summary::-webkit-details-marker {
    display: none;
  }
  summary::after {
    content: '';
    flex: none;
    width: 8px;
    height: 8px;
    margin-inline: auto 6px;
    border: solid currentColor;
    border-width: 0 2px 2px 0;
    transform: rotate(45deg) translate(-2px, -2px);
    transition: transform 120ms;
  }
  details[open] > summary::after {
    transform: rotate(-135deg) translate(-4px, -4px);
  }
`
