import { say } from '../text/say.ts';

/**
 * A file as text: UTF-8, else what spreadsheets of Windows write (UTF-16 with its mark, Windows-1252).
 * @throws {Error} in words for people: what was chosen is no text
 */
export async function fileText(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const [first, second] = bytes;
  // "PK": a ZIP, which is what a workbook is.
  if (first === 0x50 && second === 0x4b) throw new Error(say('announce.file.workbook'));
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Offers a text for download. */
export function saveText(name: string, text: string, type = 'text/csv;charset=utf-8'): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
