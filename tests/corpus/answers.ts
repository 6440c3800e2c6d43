import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { eventHashId, parseXml, readEpcisElement, type XmlElement } from '../../codecs/epcis/index.ts';
import { asDocument } from './requests.ts';

/** How an answer to a query differs from the right one, which a corpus has in a file. @returns null: it does not */
export function differenceFrom(expected: string, answer: string): string | null {
  const wanted = parseXml(asDocument(readFileSync(expected, 'utf8').replace(/<\?.*?\?>/, '')));
  const given = parseXml(answer);
  const [one, other] = [resultIn(wanted), resultIn(given)];
  // Who may not is told so before any of this.
  if (one === null || one.local === 'SecurityException') return null;
  if (one.local !== other?.local) return `${other?.local ?? 'nothing'} given, ${one.local} expected`;
  if (one.local !== 'QueryResults') return null;
  const [ours, theirs] = [contentOf(given), contentOf(wanted)];
  const extra = ours.filter((each) => !theirs.includes(each)).length;
  const missing = theirs.filter((each) => !ours.includes(each)).length;
  if (extra + missing === 0 && ours.length === theirs.length) return null;
  return `${ours.length} given, ${theirs.length} expected; ${extra} of ours not expected, ${missing} expected not here`;
}

/**
 * The right answer, where a corpus has it beside its request: `requests/X-Request-1-poll.xml` and
 * `responses/X-Response-1-poll.xml`, as Fosstrak's.
 */
export function expectedBeside(file: string): string | null {
  if (basename(dirname(file)) !== 'requests') return null;
  const folder = join(dirname(file), '../responses');
  const exact = join(folder, basename(file).replace('Request', 'Response'));
  if (existsSync(exact)) return exact;
  const start = basename(file)
    .replace('Request', 'Response')
    .replace(/-\w+\.xml$/, '');
  const [first] = globSync(`${start}*.xml`, { cwd: folder }).sort();
  return first === undefined ? null : join(folder, first);
}

function resultIn({ local, children }: XmlElement): XmlElement | null {
  const isWrapper = /^(EPCISQueryDocument|EPCISBody|Envelope|Body|Fault|detail)$/.test(local);
  if (!isWrapper) return null;
  const found = children.find((child) => /^QueryResults$|Exception$|Result$/.test(child.local));
  return found ?? children.map(resultIn).find((inner) => inner !== null) ?? null;
}

/** Events by their hash, elements of vocabularies by their type and id. */
function contentOf(document: XmlElement): readonly string[] {
  if (all(document, 'EventList').length > 0) {
    const reading = readEpcisElement(document);
    return reading.events.map((event) => eventHashId(event, reading));
  }
  return all(document, 'Vocabulary').flatMap((vocabulary) =>
    all(vocabulary, 'VocabularyElement').map(
      (one) => `${vocabulary.attributes.get('type')} ${one.attributes.get('id')}`,
    ),
  );
}

function all({ children }: XmlElement, local: string): readonly XmlElement[] {
  return children.flatMap((child) => (child.local === local ? [child, ...all(child, local)] : all(child, local)));
}
