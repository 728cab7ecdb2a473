/** Looks of the dialog in which two people compare their safety number. */

import { css } from 'lit'

export const safetyDialogStyles = css`
  wa-dialog {
    --width: min(480px, calc(100vw - 32px));
  }
  wa-dialog::part(title) {
    overflow-wrap: anywhere;
  }
  .standing {
    display: flex;
    align-items: flex-start;
    gap: 8px;
    margin-bottom: 14px;
    color: var(--ink-quiet);
    overflow-wrap: anywhere;
  }
  .standing.verified {
    color: var(--online-ink);
    font-weight: 600;
  }
  .standing.changed {
    padding: 12px 14px;
    border-radius: 14px;
    background: var(--danger-soft);
    color: var(--danger);
    font-weight: 600;
  }
  .text {
    margin-top: 14px;
  }
  warren-qr {
    margin-inline: auto;
  }
  .hint {
    margin-top: 14px;
  }
  .error {
    overflow-wrap: anywhere;
  }
  @media (max-width: 719px) {
    wa-dialog {
      --width: 100vw;
    }
    .row-buttons .button {
      flex: 1;
    }
  }
`
