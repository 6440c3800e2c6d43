/** As much of a text as has room, with a mark where something is missing; no character is cut through. */
export function cutText(text: string, length: number, mark = '…'): string {
  if (text.length <= length) return text;
  const kept = text.slice(0, Math.max(0, length - mark.length));
  // Half of a character that takes two is no text: receivers refuse the whole message for it.
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}${mark}`;
}
