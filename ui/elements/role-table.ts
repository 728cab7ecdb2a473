/** What each role may do in a group, as a table. */

import { msg } from '@lit/localize'
import { css, html, type TemplateResult } from 'lit'
import type { Group } from '../../protocol/http-groups.ts'
import { mayWords, roleHint, roleName, roles, roleTable } from '../text/role-words.ts'

export const roleTableStyles = css`
  table {
    width: 100%;
    border-collapse: collapse;
    font-size: 13.5px;
  }
  caption {
    text-align: start;
    padding-bottom: 8px;
    color: var(--ink-quiet);
    font-size: 13px;
  }
  th,
  td {
    padding: 8px 0;
    text-align: start;
    vertical-align: top;
    overflow-wrap: anywhere;
  }
  td {
    padding-inline-start: 14px;
    width: 44%;
    color: var(--ink-quiet);
  }
  tbody th {
    font-weight: 500;
  }
  tbody tr {
    border-top: 1px solid var(--line);
  }
`

export const drawRoleTable = (group: Group): TemplateResult =>
  html`<table>
    <caption>
      ${roles.map((role) => html`<div><b>${roleName(role)}:</b> ${roleHint(role)}</div>`)}
    </caption>
    <thead class="visually-hidden">
      <tr>
        <th scope="col">${msg('What')}</th>
        <th scope="col">${msg('Who')}</th>
      </tr>
    </thead>
    <tbody>
      ${roleTable.map(
        (row) =>
          html`<tr>
            <th scope="row">${row.what()}</th>
            <td>${mayWords(row, group)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
