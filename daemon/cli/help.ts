/** The manual page of each command, and the overview. */

import type { Command, CommandOption } from './command.ts'

export const commonOptions: Readonly<Record<string, CommandOption>> = {
  home: { type: 'string', value: 'DIR', help: 'the home of the daemon; else WARREN_HOME, else the platform default' },
  json: { type: 'boolean', help: 'print JSON for scripts' },
  help: { type: 'boolean', help: 'print this page' },
}

const indent = (lines: readonly string[]): string[] => lines.map((line) => (line === '' ? '' : `    ${line}`))

const wide = 92

/** Breaks a paragraph at blanks. */
function wrap(text: string, width = wide): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

/** Two columns, the second one broken within the width; a first cell that is longer than `most` has a line of its own. */
function columns(rows: readonly (readonly [left: string, right: string])[], most: number): string[] {
  const left = Math.max(...rows.map(([cell]) => (cell.length > most ? 0 : cell.length))) + 2
  return rows.flatMap(([cell, right]) => {
    const [first = '', ...rest] = wrap(right, wide - left).map((line) => `${' '.repeat(left)}${line}`)
    return cell.length > most ? [cell, first, ...rest] : [cell + first.slice(cell.length), ...rest]
  })
}

const synopsis = (command: Command): string =>
  ['warren', command.name, command.arguments, '[OPTION]...'].filter((part) => part !== '').join(' ')

const paragraphs = (texts: readonly string[]): string[] =>
  texts.flatMap((text, at) => (at === 0 ? wrap(text) : ['', ...wrap(text)]))

export function manual(command: Command): string {
  const options = Object.entries({ ...command.options, ...commonOptions })
  const sections: [string, string[]][] = [
    ['NAME', [`warren ${command.name} - ${command.summary}`]],
    ['SYNOPSIS', wrap(synopsis(command))],
    ['DESCRIPTION', paragraphs(command.description)],
    [
      'OPTIONS',
      columns(
        options.map(([name, { value, help }]) => [`--${name}${value === undefined ? '' : ` ${value}`}`, help]),
        wide,
      ),
    ],
    ['EXAMPLES', command.examples.flatMap(([line, does], at) => [...(at === 0 ? [] : ['']), line, `    ${does}`])],
    ['EXIT STATUS', ['0 on success, 1 on failure with one line on stderr, 2 on wrong usage.']],
  ]
  return sections.map(([title, lines]) => [title, ...indent(lines)].join('\n')).join('\n\n')
}

/** Longer ones are left to the command's own page. */
const mostUsage = 60

export function overview(commands: readonly Command[]): string {
  const rows = commands.map((each) => {
    const usage = `${each.name} ${each.arguments}`.trim()
    return [usage.length > mostUsage ? `${each.name} ...` : usage, each.summary] as const
  })
  return [
    'warren - private messages with no server in the middle',
    '',
    'usage: warren <command> [OPTION]...',
    '',
    ...indent(columns(rows, 26)),
    '',
    'warren <command> --help explains one command.',
  ].join('\n')
}
