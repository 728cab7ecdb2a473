/** Which language the page speaks: the owner's choice, else the browser's. */

import { configureLocalization, type LocaleModule } from '@lit/localize'
import { allLocales, sourceLocale, targetLocales } from './locales/generated/codes.ts'

const storageKey = 'warren-language'

const { getLocale, setLocale } = configureLocalization({
  sourceLocale,
  targetLocales,
  loadLocale: async (locale) => (await import(`./locales/generated/${locale}.ts`)) as LocaleModule,
})

/** What the language list shows: each language in its own words. */
export const languages: readonly { code: string; name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'de', name: 'Deutsch' },
]

const known = (code: string | null | undefined): string | undefined =>
  (allLocales as readonly string[]).find((each) => each === code)

export const language = getLocale

export async function chooseLanguage(code: string): Promise<void> {
  localStorage.setItem(storageKey, code)
  await applyLanguage(code)
}

async function applyLanguage(code: string): Promise<void> {
  await setLocale(code)
  document.documentElement.lang = code
}

/** Call before the first render, so that nothing is drawn twice. */
export async function startLanguage(): Promise<void> {
  const wished = navigator.languages.map((each) => known(each.slice(0, 2))).find((each) => each !== undefined)
  await applyLanguage(known(localStorage.getItem(storageKey)) ?? wished ?? sourceLocale)
}

/** The locale for dates and numbers: the browser's regional form of the chosen language, if it has one. */
export const formatLocale = (): string =>
  navigator.languages.find((each) => each.startsWith(getLocale())) ?? getLocale()
