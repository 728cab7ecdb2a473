/** Looks of who has a message. */

import { css } from 'lit'

export const messageInfoStyles = css`
  .words {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 3;
    line-clamp: 3;
    overflow: hidden;
    overflow-wrap: anywhere;
    white-space: pre-line;
    padding-inline-start: 12px;
    border-inline-start: 3px solid var(--line-strong);
  }
  .words + p {
    margin-top: 6px;
  }
  .all {
    margin-top: 16px;
    text-wrap: pretty;
  }
  h2 {
    margin-top: 16px;
    font-size: 14px;
  }
  ul {
    list-style: none;
    padding: 0;
    margin: 0;
  }
  .people {
    margin-block: 12px;
  }
  .person {
    display: flex;
    gap: 12px;
    align-items: flex-start;
    padding: 10px 0;
    border-top: 1px solid var(--line);
  }
  .person > div {
    flex: 1;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .person warren-avatar {
    --size: 36px;
  }
  .person > .icon {
    margin-top: 2px;
    color: var(--ink-quiet);
  }
  .person.read > .icon {
    color: var(--read);
  }
  .name {
    font-weight: 600;
  }
  .devices li {
    display: flex;
    gap: 8px;
    align-items: flex-start;
    padding: 4px 0;
    font-size: 14px;
    color: var(--ink-quiet);
  }
  .devices .icon {
    flex: none;
    width: 18px;
    height: 18px;
    margin-top: 1px;
  }
  .devices .held .icon {
    color: var(--online-ink);
  }
  .devices .mono {
    font-size: 13px;
  }
`
