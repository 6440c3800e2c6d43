import type { ExceptionKind } from '../../domain/index.ts';
import type { MarketCheck } from '../../partners/index.ts';

/** What would be told to the partner that goods came from, of what a market asks for. */
export interface MarketDraft {
  readonly kind: ExceptionKind;
  readonly title: string;
  readonly text: string;
  readonly shipment: string;
  readonly epcs: string[];
  readonly lot: null;
  readonly finding: string;
}

const TITLE_LENGTH = 200;
const TEXT_LENGTH = 4_000;

/**
 * One exception a market and kind, of what is missing where goods are received: nothing is known of the packs (product without
 * data), or something of what is known (data errors). What is missing where goods leave is for us to tell, not for a partner.
 */
export function marketDrafts(shipment: string, checks: readonly MarketCheck[]): MarketDraft[] {
  return checks.flatMap((check) => {
    if (check.moment !== 'receive') return [];
    const without = check.missing.filter(({ packs }) => packs === null);
    const partly = check.missing.filter(({ packs }) => packs !== null);
    const lines = (gaps: MarketCheck['missing']) =>
      gaps.map(({ element, gtin, name, packs }) => {
        const of = `${name ?? 'product'} (${gtin})`;
        const clause = element.clause === '' ? '' : `, ${element.clause}`;
        return packs === null
          ? `No serial number of ${of} was told (${element.name}${clause}).`
          : `${packs} ${packs === 1 ? 'pack' : 'packs'} of ${of}: ${element.name} was not told${clause}.`;
      });
    const draft = (kind: ExceptionKind, told: readonly string[], epcs: readonly string[]): MarketDraft[] =>
      told.length === 0
        ? []
        : [
            {
              kind,
              title: `${check.market.name}: ${kind} in shipment ${shipment}`.slice(0, TITLE_LENGTH),
              text: `${check.market.name}, as of ${check.day}:\n${told.join('\n')}`.slice(0, TEXT_LENGTH),
              ...{ shipment, epcs: [...new Set(epcs)], lot: null, finding: `market:${check.market.id}` },
            },
          ];
    const transaction = check.transaction.map((path) => `Transaction information: ${path} was not told.`);
    return [
      ...draft('product without data', lines(without), []),
      ...draft(
        'data errors',
        [...lines(partly), ...transaction],
        partly.flatMap(({ examples }) => examples),
      ),
    ];
  });
}
