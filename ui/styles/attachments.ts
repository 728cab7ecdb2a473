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
  .place {
    position: relative;
    /* No percent: the bubble is as wide as what is in it. */
    width: min(340px, max(120px, var(--natural)), calc(360px * var(--ratio)));
    max-width: 100%;
  }
  /* Its shape was not known when its place was made: the height stays. */
  .place.framed {
    width: calc(240px * var(--ratio));
    height: 240px;
    aspect-ratio: auto !important;
  }
  .several .place {
    flex: 1 1 calc(50% - 2px);
    min-width: 96px;
    width: auto;
    height: auto;
    aspect-ratio: 1 !important;
  }
  .picture {
    display: block;
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    overflow: hidden;
    border-radius: 12px;
    background: var(--sunken);
  }
  .picture:disabled {
    opacity: 1;
    cursor: default;
  }
  .picture img {
    width: 100%;
    height: 100%;
    object-fit: cover;
  }
  /* Its place was made before its shape was known: all of it is seen. */
  .framed .picture img {
    object-fit: contain;
  }
  .picture:focus-visible {
    outline-offset: -3px;
    box-shadow: 0 0 0 2px var(--panel);
  }
  /* On its way to this device. */
  .empty {
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 6px;
    padding: 12px;
    border-radius: 12px;
    overflow: hidden;
    background: color-mix(in oklab, currentColor 8%, transparent);
    font-size: 13px;
    text-align: center;
    text-wrap: balance;
    color: var(--quiet-here, var(--ink-quiet));
  }
  .place > .empty {
    position: absolute;
    inset: 0;
  }
  .empty .name {
    max-width: 100%;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .empty progress {
    max-width: 160px;
  }
  /* On its way to the daemon: how far, and a way back. */
  .stop {
    --track: color-mix(in oklab, currentColor 25%, transparent);
    flex: none;
    position: relative;
    display: grid;
    place-items: center;
    width: 44px;
    height: 44px;
    border-radius: 50%;
    background: color-mix(in oklab, currentColor 10%, transparent);
  }
  .stop::before {
    content: '';
    position: absolute;
    inset: 2px;
    border-radius: 50%;
    background: conic-gradient(currentColor var(--done, 0%), var(--track) 0);
    mask: radial-gradient(closest-side, transparent calc(100% - 4px), #000 calc(100% - 3px));
  }
  .stop.failed::before {
    display: none;
  }
  .place .stop {
    position: absolute;
    top: calc(50% - 22px);
    inset-inline-start: calc(50% - 22px);
    background: rgb(12 10 9 / 62%);
    color: #fff;
  }
  .place .problem {
    position: absolute;
    inset: auto 6px 6px;
    padding: 4px 8px;
    border-radius: 8px;
    background: var(--panel);
  }
  .played {
    margin: 0;
    display: flex;
    flex-direction: column;
    gap: 4px;
  }
  video,
  .empty.video {
    display: block;
    width: 360px;
    max-width: 100%;
    aspect-ratio: 16 / 9;
    border-radius: 12px;
    background: #000;
  }
  .empty.video {
    display: flex;
    background: color-mix(in oklab, currentColor 8%, transparent);
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
`
