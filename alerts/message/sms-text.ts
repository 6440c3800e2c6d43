import { cutText } from './cut-text.ts';

/** What the default alphabet of SMS has (GSM 03.38, 3GPP TS 23.038, 6.2.1), each seven bits. */
const GSM =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
/** Of the extension table: two of those each. */
const GSM_TWICE = '^{}\\[~]|€';
const PLAIN: Readonly<Record<string, string>> = {
  ...{ '’': "'", '‘': "'", '“': '"', '”': '"', '„': '"', '«': '"', '»': '"', '–': '-', '—': '-', '…': '...' },
  ...{ '\u00a0': ' ', '\u202f': ' ', '\u2009': ' ', '\t': ' ', '•': '-', '·': '.', '×': 'x', '−': '-' },
};
/** Parts of a message that is longer than one: the others hold seven octets of which part they are. */
const PARTS = { gsm: { one: 160, each: 153 }, ucs2: { one: 70, each: 67 } } as const;
/** An SMS of several parts costs several; the rest stands behind the link. */
const MOST_PARTS = { gsm: 2, ucs2: 3 } as const;

/**
 * A text as an SMS: typographic marks as plain ones and `°C` as `C`, so that one of them does not make every character
 * cost two octets; what then still is beyond the default alphabet is left as it is. Cut where it would take more than two
 * parts (three, beyond the alphabet); the end always stays.
 */
export function smsText(text: string, end: string): string {
  const [plain, last] = [plainMarks(text), plainMarks(end)];
  const alphabet = isGsm(`${plain} ${last}`) ? 'gsm' : 'ucs2';
  const most = PARTS[alphabet].each * MOST_PARTS[alphabet];
  const fits = (head: string) => unitsOf(`${head} ${last}`.trim(), alphabet) <= most;
  if (fits(plain)) return `${plain} ${last}`.trim();
  let length = plain.length;
  while (length > 0 && !fits(cutText(plain, length, '...'))) length--;
  return `${cutText(plain, length, '...')} ${last}`.trim();
}

/** In how many parts a text is sent, and in which alphabet. */
export function smsParts(text: string): { readonly alphabet: 'gsm' | 'ucs2'; readonly parts: number } {
  const alphabet = isGsm(text) ? 'gsm' : 'ucs2';
  const units = unitsOf(text, alphabet);
  const { one, each } = PARTS[alphabet];
  return { alphabet, parts: units <= one ? 1 : Math.ceil(units / each) };
}

function plainMarks(text: string): string {
  return text.replace(/ ?°(?=[CF]\b)/g, ' ').replace(/[^\n\x20-\x7e]/g, (mark) => PLAIN[mark] ?? mark);
}

function isGsm(text: string): boolean {
  return [...text].every((one) => GSM.includes(one) || GSM_TWICE.includes(one));
}

function unitsOf(text: string, alphabet: 'gsm' | 'ucs2'): number {
  if (alphabet === 'ucs2') return text.length;
  return [...text].reduce((sum, one) => sum + (GSM_TWICE.includes(one) ? 2 : 1), 0);
}
