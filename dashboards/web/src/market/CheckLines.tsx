import type { MarketCheckView } from '../../../api/index.ts';
import { say } from '../text/say.ts';

/** What one market asks of a shipment at one of its ends and nobody has told, a line each. */
export function CheckLines({ check }: { check: MarketCheckView }) {
  const lines = linesOf(check);
  if (lines.length === 0) return <p className="muted">{say('shipment-markets.met')}</p>;
  return (
    <ul>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function linesOf({ missing, transaction, elsewhere }: MarketCheckView): string[] {
  return [
    ...missing.map(({ element, packs, ...goods }) =>
      packs === null
        ? say('shipment-markets.noSerials', { product: productText(goods) })
        : say('shipment-markets.packs', { packs, product: productText(goods), element: element.name }),
    ),
    ...transaction.map((path) => say('shipment-markets.transaction', { field: fieldText(path) })),
    ...elsewhere.map((goods) => say('shipment-markets.elsewhere', { product: productText(goods) })),
  ];
}

export function productText({ gtin, name }: { readonly gtin: string; readonly name: string | null }): string {
  return name === null ? gtin : `${name} (${gtin})`;
}

/** `from.address` and `00614141123452.ndc` as people say it. */
export function fieldText(path: string): string {
  if (path === 'transactedOn') return say('shipment-markets.field.transactedOn');
  const [of = '', field = ''] = path.split('.');
  if (of === 'from' || of === 'to') {
    const what = say(field === 'address' ? 'shipment-markets.field.address' : 'shipment-markets.field.name');
    return `${what} ${say(`shipment-markets.party.${of}`)}`;
  }
  const known = LABEL.find((one) => one === field);
  const what = known === undefined ? say('shipment-markets.field.name') : say(`market.field.${known}`);
  return `${what} (${of})`;
}

const LABEL = ['ndc', 'strength', 'dosageForm', 'containerSize'] as const;
