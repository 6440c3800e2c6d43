/** What stands between elements in a scan: GS1 General Specifications, 7.8.3 sends FNC1 as this character. */
export const GROUP_SEPARATOR = '\u001d';

export type SeparatorKey = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey'>;

/** How keyboard wedges type the group separator: Ctrl+], or F8 as many are set up. */
export function isSeparator({ key, code, ctrlKey }: SeparatorKey): boolean {
  return key === GROUP_SEPARATOR || key === 'F8' || (ctrlKey && (key === ']' || code === 'BracketRight'));
}
