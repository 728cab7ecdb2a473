/** Times as people say them, in the language of the page. */

import { msg, str } from '@lit/localize'
import { formatLocale } from '../locale.ts'

const formats = new Map<string, Intl.DateTimeFormat>()

function format(at: number, name: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${formatLocale()} ${name}`
  const made = formats.get(key) ?? new Intl.DateTimeFormat(formatLocale(), options)
  formats.set(key, made)
  // A clock years off may name a moment that no calendar knows.
  return Math.abs(at) > 8.64e15 ? '–' : made.format(at)
}

/** Days since the epoch where the owner is. */
export const dayNumber = (at: number): number => {
  const date = new Date(at)
  return Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000)
}

export const timeOfDay = (at: number): string => format(at, 'time', { timeStyle: 'short' })

export const dayText = (at: number): string => format(at, 'long', { dateStyle: 'long' })

export const fullTime = (at: number): string => format(at, 'full', { dateStyle: 'full', timeStyle: 'short' })

const date = (at: number, now: number): string =>
  new Date(at).getFullYear() === new Date(now).getFullYear()
    ? format(at, 'date', { day: 'numeric', month: 'short' })
    : format(at, 'date-year', { dateStyle: 'medium' })

/** "14:05", "Yesterday", "Tue", "3 May": for the list. */
export function shortTime(at: number, now: number = Date.now()): string {
  const days = dayNumber(now) - dayNumber(at)
  if (days === 0) return timeOfDay(at)
  if (days === 1) return msg('Yesterday')
  if (days > 1 && days < 7) return format(at, 'weekday', { weekday: 'short' })
  return date(at, now)
}

/** "Sat 14:05", "3 May, 14:05": a moment that is to come. */
export const comingTime = (at: number, now: number = Date.now()): string =>
  dayNumber(at) - dayNumber(now) < 7
    ? format(at, 'weekday-time', { weekday: 'short', hour: 'numeric', minute: '2-digit' })
    : format(at, 'date-time', { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' })

/** "Today", "Yesterday", "Tuesday, 3 May": for the headers between messages. */
export function dayName(at: number, now: number = Date.now()): string {
  const days = dayNumber(now) - dayNumber(at)
  if (days === 0) return msg('Today')
  if (days === 1) return msg('Yesterday')
  if (new Date(at).getFullYear() !== new Date(now).getFullYear()) return format(at, 'long', { dateStyle: 'long' })
  return format(at, 'day', { weekday: 'long', day: 'numeric', month: 'long' })
}

export function lastSeen(at: number, now: number = Date.now()): string {
  if (at === 0) return msg('Not seen yet')
  const minutes = Math.floor((now - at) / 60_000)
  if (minutes < 1) return msg('Last seen just now')
  if (minutes < 60) return minutes === 1 ? msg('Last seen a minute ago') : msg(str`Last seen ${minutes} minutes ago`)
  const days = dayNumber(now) - dayNumber(at)
  if (days === 0) return msg(str`Last seen today at ${timeOfDay(at)}`)
  if (days === 1) return msg(str`Last seen yesterday at ${timeOfDay(at)}`)
  return msg(str`Last seen ${date(at, now)}`)
}
