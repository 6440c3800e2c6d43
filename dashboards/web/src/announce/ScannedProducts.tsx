import { TextInput } from '@mantine/core';
import { say } from '../text/say.ts';
import { counted } from '../words/figures.ts';
import css from './Announce.module.css';
import type { ProductWords } from './notice-body.ts';
import type { ScannedProduct } from './scanned-lines.ts';

interface ScannedProductsProps {
  readonly products: readonly ScannedProduct[];
  readonly words: (gtin: string) => ProductWords;
  readonly onChange: (gtin: string, change: Partial<ProductWords>) => void;
}

/** What the units hold: named as it is registered; lot and expiry are asked for where no code says them. */
export function ScannedProducts({ products, words, onChange }: ScannedProductsProps) {
  if (products.length === 0) return null;
  const byGtin = Map.groupBy(products, ({ gtin }) => gtin);
  return (
    <section className="section-open" aria-labelledby="scanned-products">
      <h2 id="scanned-products">{say('shipment.products')}</h2>
      {[...byGtin].map(([gtin, lots]) => {
        const { name, lot, expiry } = words(gtin);
        const isLotAsked = lots.some((one) => one.lot === null);
        return (
          <div key={gtin} className={`panel section ${css.fields}`}>
            <TextInput
              label={say('announce.product.name', { gtin })}
              autoComplete="off"
              maxLength={200}
              placeholder={gtin}
              value={name}
              onChange={(event) => onChange(gtin, { name: event.currentTarget.value })}
            />
            {isLotAsked ? (
              <>
                <TextInput
                  label={say('announce.product.lot')}
                  autoComplete="off"
                  maxLength={20}
                  value={lot}
                  onChange={(event) => onChange(gtin, { lot: event.currentTarget.value })}
                />
                <TextInput
                  label={say('announce.product.expiry')}
                  placeholder="2027-06-30"
                  autoComplete="off"
                  disabled={lot.trim() === ''}
                  value={expiry}
                  onChange={(event) => onChange(gtin, { expiry: event.currentTarget.value })}
                />
              </>
            ) : null}
            <p className={`muted ${css.whole}`}>{lots.map(lotText).join(' · ')}</p>
          </div>
        );
      })}
    </section>
  );
}

function lotText({ lot, expiry, serials }: ScannedProduct): string {
  const words = { serials: counted(serials, 'serial') };
  if (lot === null) return say('announce.product.noLot', words);
  return expiry === null
    ? say('announce.product.ofLot', { ...words, lot })
    : say('announce.product.ofLotExpiring', { ...words, lot, expiry });
}
