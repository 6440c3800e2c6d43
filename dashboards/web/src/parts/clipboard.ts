/** Browsers lend the clipboard only where the page came by TLS or from this machine; elsewhere the text is marked by hand. */
export const mayCopy = (): boolean => navigator.clipboard !== undefined;

/** @throws {TypeError} there is no clipboard here: ask {@link mayCopy} first */
export function copyText(text: string): Promise<void> {
  return navigator.clipboard.writeText(text);
}
