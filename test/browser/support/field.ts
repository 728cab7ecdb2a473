import type { Locator } from 'playwright-core'

/** Resolves once this is what stands in the field: what was kept is fetched after the field is drawn. */
export async function contains(field: Locator, text: string): Promise<void> {
  while ((await field.inputValue()) !== text);
}
