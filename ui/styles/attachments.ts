/** Looks of the files of a message. */

import { css } from 'lit'

export const attachmentStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    gap: 6px;
    max-width: 100%;
    margin-block: 2px 4px;
  }
  .several {
    width: 340px;
    max-width: 100%;
  }
  .pictures {
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
  }
  .picture {
    display: block;
    position: relative;
    overflow: hidden;
    border-radius: 12px;
    background: var(--sunken);
    /* No percent: the bubble is as wide as what is in it. */
    width: min(340px, max(120px, var(--natural)), calc(360px * var(--ratio)));
    max-width: 100%;
  }
  .several .picture {
    flex: 1 1 calc(50% - 2px);
    min-width: 96px;
    width: auto;
    aspect-ratio: 1 !important;
  }
  .picture img {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    object-fit: cover;
  }
  .picture:focus-visible {
    outline-offset: -3px;
    box-shadow: 0 0 0 2px var(--panel);
  }
  .played {
    margin: 0;
    display: flex;
    flex-direction: column;
    gap: 4px;
  }
  video {
    display: block;
    width: 360px;
    max-width: 100%;
    aspect-ratio: 16 / 9;
    border-radius: 12px;
    background: #000;
  }
  audio {
    display: block;
    width: 300px;
    max-width: 100%;
    height: 44px;
  }
  figcaption {
    display: flex;
    align-items: center;
    gap: 8px;
    font-size: 13px;
    color: var(--quiet-here, var(--ink-quiet));
  }
  figcaption bdi {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    min-width: 0;
  }
  figcaption span {
    flex: none;
  }
  .card {
    display: flex;
    align-items: center;
    gap: 10px;
    width: 300px;
    max-width: 100%;
    padding: 4px 0;
  }
  .sign {
    flex: none;
    position: relative;
    display: grid;
    place-items: center;
    width: 44px;
    height: 44px;
    border-radius: 12px;
    background: color-mix(in oklab, currentColor 10%, transparent);
  }
  .sign small {
    position: absolute;
    bottom: 4px;
    padding: 0 3px;
    border-radius: 3px;
    font-size: 9px;
    font-weight: 700;
    line-height: 1.3;
    background: var(--panel);
    color: var(--ink);
  }
  .about {
    flex: 1;
    min-width: 0;
    display: flex;
    flex-direction: column;
  }
  .title {
    font-weight: 600;
    font-size: 14.5px;
    overflow-wrap: anywhere;
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    overflow: hidden;
  }
  .state {
    font-size: 13px;
    color: var(--quiet-here, var(--ink-quiet));
  }
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
  .problem {
    font-size: 13px;
    color: var(--danger);
  }
`
