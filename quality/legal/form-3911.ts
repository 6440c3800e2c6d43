import { DefectError } from '../../domain/index.ts';

/** A pack of the product that is notified of. */
export interface NotifiedSerial {
  readonly epc: string;
  /** GTIN-14. */
  readonly gtin: string | null;
  readonly serial: string | null;
  readonly lot: string | null;
  /** Calendar date `YYYY-MM-DD`, as far as it can be read. */
  readonly expiry: string | null;
}

/** What is known of illegitimate product. Times epoch ms UTC. */
export interface NotificationFacts {
  readonly case: string;
  readonly serials: readonly NotifiedSerial[];
  /** Of its products, as registered or as a notice says. */
  readonly products: readonly string[];
  /** When somebody found it illegitimate; null = not (yet). */
  readonly determinedAt: number | null;
  /** When FDA was notified first; null = not yet. */
  readonly notifiedAt: number | null;
  /** What people wrote of it, the first first. */
  readonly events: readonly string[];
  readonly company: { readonly name: string; readonly gln: string | null } | null;
  /** IANA zone of its dates. */
  readonly zone: string;
}

/** A numbered field of the form. */
export interface FormItem {
  readonly item: number;
  readonly name: string;
  /** null: a person fills it in. */
  readonly value: string | null;
  /** What is asked there, where it is for a person. */
  readonly hint: string | null;
}

/** The edition whose fields these are: other editions number some of them otherwise. */
export const FORM_3911_EDITION = '8/15';
/** FDA, "Drug Notifications Frequently Asked Questions": where several drugs are in one notification. */
const MULTIPLE = 'Multiple';
const MOST_SERIALS = 50;

/**
 * What goes into Form FDA 3911, Drug Notification (edition 8/15, and FDA's questions and answers on it), as far as it is known.
 * What is chosen from FDA's lists, and what stands on a label alone, is left to a person. Pure.
 */
export function form3911(facts: NotificationFacts): readonly FormItem[] {
  const { serials, products, determinedAt, notifiedAt, events, company, zone } = facts;
  const gtins = distinct(serials.map(({ gtin }) => gtin));
  const isSeveral = gtins.length > 1 || products.length > 1;
  const several = isSeveral ? MULTIPLE : null;
  const numbers = distinct(serials.map(({ serial }) => serial));
  const date = (at: number | null) => (at === null ? null : dateOf(at, zone));
  const ndcs = distinct(gtins.map(ndcOf));
  return [
    known(1, 'Type of Report', notifiedAt === null ? 'Initial Notification' : 'Follow-Up Notification'),
    asked(2, 'Incident Number', null, 'assigned by FDA; left blank in an initial notification'),
    asked(3, 'Date of Initial Notification', date(notifiedAt), 'the day on which this is sent'),
    asked(
      4,
      'Date Company Determined Product Was Illegitimate',
      date(determinedAt),
      'nobody has found it illegitimate here',
    ),
    asked(5, 'Classification of Notification', null, "from FDA's list: the one that describes it best"),
    asked(6, 'Name of Product as It Appears on Label', several ?? products[0] ?? null, 'as it stands on the label'),
    asked(7, 'Primary Ingredient(s)', several, 'if known'),
    asked(8, 'Drug Use', null, "from FDA's list"),
    asked(
      9,
      'Drug Description',
      null,
      isSeveral ? "from FDA's list: Multiple, where they are of several descriptions" : "from FDA's list",
    ),
    asked(10, 'Strength of Drug', several, 'as it stands on the label'),
    asked(
      11,
      'Dosage Form',
      null,
      isSeveral ? "from FDA's list: Multiple, where there are several" : "from FDA's list",
    ),
    known(
      12,
      'Quantity of Drug (Number and Unit)',
      `${serials.length} ${serials.length === 1 ? 'package' : 'packages'}`,
    ),
    asked(13, 'NDC Number', joined(ndcs), ndcs.length === 0 ? 'not in a GTIN of these: see the label' : null),
    asked(
      14,
      'Serial Number',
      numbers.length > MOST_SERIALS ? `${numbers.length} serial numbers, listed below` : joined(numbers),
      'none is known',
    ),
    asked(15, 'Lot Number(s)', joined(distinct(serials.map(({ lot }) => lot))), 'none is known: see the label'),
    asked(
      16,
      'Expiration Date(s)',
      joined(distinct(serials.map(({ expiry }) => expiry)).map(formDate)),
      'see the label',
    ),
    asked(17, 'For Notification: Description of Event/Issue', events.length === 0 ? null : events.join('\n'), null),
    asked(18, 'For Request for Termination of Notification: Description', null, 'only in a request for termination'),
    asked(19, 'Submitted to FDA through an alternative mechanism', null, 'check all that apply, or none'),
    asked(
      20,
      'Company Name & Address',
      company === null ? null : companyText(company),
      'name and address of the company',
    ),
    asked(23, 'Contact', null, 'who is called and written to about this; FDA sends the incident number there'),
  ];
}

function known(item: number, name: string, value: string): FormItem {
  return { item, name, value, hint: null };
}

function asked(item: number, name: string, value: string | null, hint: string | null): FormItem {
  return { item, name, value, hint: value === null ? hint : null };
}

function companyText({ name, gln }: { readonly name: string; readonly gln: string | null }): string {
  return gln === null ? name : `${name} (GLN ${gln})`;
}

function distinct(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null))].sort();
}

function joined(values: readonly string[]): string | null {
  return values.length === 0 ? null : values.join(', ');
}

/**
 * The ten digits of the National Drug Code in the GTIN of a drug sold in the United States, whose GS1 company prefix is 03 and the
 * labeler (GS1 Healthcare US); where its hyphens stand no GTIN says. Null of another one.
 */
function ndcOf(gtin: string | null): string | null {
  return /^\d03(\d{10})\d$/.exec(gtin ?? '')?.[1] ?? null;
}

/** `mm/dd/yyyy`, as the form asks. */
function dateOf(at: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' },
  }).formatToParts(at);
  const part = (type: string) => {
    const found = parts.find((one) => one.type === type)?.value;
    if (found === undefined) throw new DefectError('DATE_WITHOUT_PART', `a date has no ${type}`);
    return found;
  };
  return `${part('month')}/${part('day')}/${part('year')}`;
}

function formDate(day: string): string {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day) ?? [];
  return date === undefined ? day : `${month}/${date}/${year}`;
}
