/** Looks of a line in the list of members. */

import { css } from 'lit'

export const memberRowStyles = css`
  .member {
    display: flex;
    align-items: center;
    gap: 12px;
    width: 100%;
    min-height: 58px;
    padding: 6px 8px;
    border-radius: 12px;
    text-align: start;
  }
  .member:hover {
    background: var(--hover);
  }
  .member warren-avatar {
    --size: 40px;
  }
  .what {
    flex: 1;
    min-width: 0;
    display: grid;
  }
  .who {
    display: flex;
    align-items: center;
    font-weight: 600;
    min-width: 0;
  }
  .who bdi {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .alarm {
    margin-inline-start: 6px;
    color: var(--danger);
  }
  .presence {
    font-size: 13px;
    color: var(--ink-quiet);
  }
  .presence.live {
    color: var(--online-ink);
  }
  .role {
    flex: none;
    padding: 3px 9px;
    border-radius: 9px;
    background: var(--sunken);
    color: var(--ink-quiet);
    font-size: 12.5px;
    font-weight: 600;
  }
`
