import { extractText, getDocumentProxy } from 'unpdf';
import { objectsOf } from './pdf-a.ts';

/** What people read in it, spaces as one. */
export async function textOf(pdf: Buffer): Promise<string> {
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(pdf)), { mergePages: true });
  return text.replace(/\s+/g, ' ');
}

/** An embedded file by its name. */
export function fileIn(pdf: Buffer, name: string): string {
  const objects = objectsOf(pdf);
  const spec =
    objects.find(({ text }) => text.includes('/Type /Filespec') && text.includes(`/UF (${name})`))?.text ?? '';
  const id = Number(/\/EF <<\n\/F (\d+) 0 R/.exec(spec)?.[1]);
  return objects.find((object) => object.id === id)?.stream?.toString() ?? '';
}
