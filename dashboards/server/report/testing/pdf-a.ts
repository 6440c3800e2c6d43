import { inflateSync } from 'node:zlib';
import { SaxesParser } from 'saxes';

/** An indirect object as it stands in the file: its dictionary's text, and its stream unpacked. */
export interface PdfObject {
  readonly id: number;
  readonly text: string;
  readonly stream: Buffer | null;
}

/** Objects of a PDF that holds them one by one with an old-style cross-reference table, as PDFKit writes it. */
export function objectsOf(pdf: Buffer): PdfObject[] {
  const all = pdf.toString('latin1');
  const objects: PdfObject[] = [];
  for (const [, id, start] of startsOf(all)) {
    const streamAt = all.indexOf('\nstream\n', start);
    const endAt = all.indexOf('\nendobj', start);
    if (streamAt === -1 || streamAt > endAt) {
      objects.push({ id: Number(id), text: all.slice(start, endAt), stream: null });
      continue;
    }
    const text = all.slice(start, streamAt);
    const length = Number(/\/Length (\d+)/.exec(text)?.[1]);
    const bytes = pdf.subarray(streamAt + 8, streamAt + 8 + length);
    objects.push({ id: Number(id), text, stream: text.includes('/FlateDecode') ? inflateSync(bytes) : bytes });
  }
  return objects;
}

function startsOf(all: string): [string, string, number][] {
  const table = /xref\n0 (\d+)\n/.exec(all.slice(all.lastIndexOf('\nxref')));
  const begin = all.lastIndexOf('\nxref') + (table?.index ?? 0) + (table?.[0].length ?? 0);
  const rows = all.slice(begin, all.indexOf('trailer', begin)).trim().split('\n');
  return rows.flatMap((row, id): [string, string, number][] => {
    const [offset = '', , use] = row.trim().split(' ');
    return use === 'n' ? [[row, String(id), Number(offset)]] : [];
  });
}

/**
 * What of ISO 19005-3 (PDF/A-3, level B) a file breaks, a line each, by clause. No validator of part 3 is at hand; this is
 * the list of demands that a file of text, vectors and embedded files can break.
 */
export function pdfAFaults(pdf: Buffer): string[] {
  const faults: string[] = [];
  const demand = (isMet: boolean, clause: string, what: string) => {
    if (!isMet) faults.push(`${clause}: ${what}`);
  };
  const all = pdf.toString('latin1');
  const objects = objectsOf(pdf);
  const byId = new Map(objects.map((object) => [object.id, object]));
  const offsets = new Map(startsOf(all).map(([, id, offset]) => [Number(id), offset]));
  const trailer = all.slice(all.lastIndexOf('trailer'));
  const catalog = objects.find(({ text }) => /\/Type \/Catalog/.test(text))?.text ?? '';
  const of = (reference: string | undefined) => byId.get(Number(reference));

  demand(/^%PDF-1\.[4-7]\n%[\x80-\xff]{4}/.test(all), '6.1.2', 'header and a comment of four bytes above 127');
  demand(/\/ID \[<[0-9a-f]{32}> <[0-9a-f]{32}>\]/.test(trailer), '6.1.3', 'the trailer has an ID');
  demand(!trailer.includes('/Encrypt'), '6.1.3', 'no encryption');
  demand(trailer.trimEnd().endsWith('%%EOF'), '6.1.3', 'nothing after the last %%EOF');
  for (const { id, text, stream } of objects) {
    demand(all.startsWith(`${id} 0 obj\n`, offsets.get(id)), '6.1.4', `the table finds object ${id}`);
    demand(!/\/(LZWDecode|Crypt)\b/.test(text), '6.1.7', `object ${id} has an allowed filter`);
    demand(stream === null || !/\/(F|FFilter|FDecodeParms) /.test(text), '6.1.7.1', `stream ${id} is inside`);
    const strings = [...text.matchAll(/\((?:\\.|[^\\()])*\)/gs)];
    demand(
      strings.every(([one]) => one.length <= 32_767),
      '6.1.13',
      `strings of object ${id} are short enough`,
    );
    demand(
      [...text.matchAll(/\/([^\s/<>[\]()]+)/g)].every(([, n = '']) => n.length <= 127),
      '6.1.13',
      'short names',
    );
    demand(!/\/(SMask|BM|ca|CA) (?!\/None|1 |\/Normal)/.test(text), '6.2.10', `object ${id} is opaque`);
    demand(
      !/\/Subtype \/(PS|Movie|Sound|3D|Screen)\b|\/(OPI|Alternates|Ref|TR|HTP) /.test(text),
      '6.2.8, 6.2.9',
      `${id}`,
    );
    demand(!/\/(JavaScript|JS|Launch|AA|OpenAction|XFA|NeedsRendering)\b/.test(text), '6.4.1, 6.5', `${id} acts`);
  }

  const intents = [...catalog.matchAll(/\/OutputIntents \[(\d+) 0 R\]/g)];
  const intent = of(intents[0]?.[1]);
  const profile = of(/\/DestOutputProfile (\d+) 0 R/.exec(intent?.text ?? '')?.[1]);
  demand(/\/S \/GTS_PDFA1/.test(intent?.text ?? ''), '6.2.3', 'an output intent of PDF/A');
  demand(profile?.stream?.toString('latin1', 36, 40) === 'acsp', '6.2.3', 'its ICC profile is inside');
  demand(profile?.stream?.toString('latin1', 16, 20) === 'RGB ' && /\/N 3/.test(profile.text), '6.2.3', 'of RGB');

  const fonts = objects.filter(({ text }) => /\/Type \/Font\n/.test(text));
  demand(fonts.length > 0, '6.2.11', 'there are fonts');
  for (const { id, text } of fonts) {
    if (/\/Subtype \/Type0/.test(text)) {
      demand(/\/Encoding \/Identity-H/.test(text), '6.2.11.3', `font ${id} has a known encoding`);
      demand(/\/ToUnicode \d+ 0 R/.test(text), '6.2.11.7', `font ${id} tells its text`);
      continue;
    }
    demand(/\/CIDToGIDMap \/Identity/.test(text), '6.2.11.3.2', `font ${id} maps its glyphs`);
    const descriptor = of(/\/FontDescriptor (\d+) 0 R/.exec(text)?.[1])?.text ?? '';
    const file = of(/\/FontFile2 (\d+) 0 R/.exec(descriptor)?.[1]);
    demand((file?.stream?.length ?? 0) > 0, '6.2.11.4.1', `font ${id} is inside`);
  }
  const contents = objects.filter(
    ({ text, stream }) => stream !== null && /^\d+ 0 obj\n<<\n\/Length \d+(\n\/Filter \/FlateDecode)?\n>>/.test(text),
  );
  const drawn = contents.map(({ stream }) => stream?.toString('latin1') ?? '').filter((text) => / Tf\n/.test(text));
  demand(drawn.length > 0, 'own', 'pages are found');
  for (const text of drawn) {
    demand(!/\b(rg|RG|k|K|sh|Do|ri)\n/.test(text.replaceAll(/\([^)]*\)/g, '')), '6.2.4', 'only colours of the intent');
    for (const [, shown = ''] of text.matchAll(/<([0-9a-f]+)>/g)) {
      demand(
        ![...shown.matchAll(/.{4}/g)].some(([glyph]) => glyph === '0000'),
        '6.2.11.8',
        'no glyph that a font lacks',
      );
    }
    demand(depthOf(text) <= 28, '6.1.13', 'graphics states nest at most 28 deep');
  }

  const metadata = of(/\/Metadata (\d+) 0 R/.exec(catalog)?.[1]);
  const xmp = metadata?.stream?.toString('utf8') ?? '';
  demand(metadata !== undefined && !/\/Filter/.test(metadata.text), '6.6.2.1', 'metadata can be read as they stand');
  demand(isXml(xmp), '6.6.2.1', 'metadata are XML');
  demand(!/<\?xpacket[^?]*(bytes|encoding)=/.test(xmp), '6.6.2.1', 'the packet has neither bytes nor encoding');
  demand(/<pdfaid:part>3</.test(xmp) && /<pdfaid:conformance>B</.test(xmp), '6.6.4', 'it says PDF/A-3b');

  const files = objects.filter(({ text }) => /\/Type \/Filespec/.test(text));
  const associated = /\/AF \[([^\]]*)\]/.exec(catalog)?.[1] ?? '';
  for (const { id, text } of files) {
    demand(/\/F \(/.test(text) && /\/UF \(/.test(text), '6.8', `file ${id} has a name in both keys`);
    demand(
      /\/AFRelationship \/(Data|Source|Supplement|Alternative)/.test(text),
      '6.8',
      `file ${id} says what it is for`,
    );
    demand(associated.includes(`${id} 0 R`), '6.8', `file ${id} belongs to the document`);
    const embedded = of(/\/EF <<\n\/F (\d+) 0 R/.exec(text)?.[1])?.text ?? '';
    demand(/\/Subtype \/[a-z]+#2F[a-z]+/i.test(embedded), '6.8', `file ${id} has a media type`);
    demand(/\/ModDate \(/.test(embedded), '6.8', `file ${id} has a date`);
  }
  demand(/\/Lang \(/.test(catalog) && /\/StructTreeRoot /.test(catalog), '14.8', 'it is tagged, in a language');
  return [...new Set(faults)];
}

function depthOf(content: string): number {
  let [depth, deepest] = [0, 0];
  for (const line of content.split('\n')) {
    if (line === 'q') deepest = Math.max(deepest, ++depth);
    else if (line === 'Q') depth--;
  }
  return deepest;
}

function isXml(text: string): boolean {
  let isWell = text !== '';
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', () => {
    isWell = false;
  });
  parser.write(text).close();
  return isWell;
}
