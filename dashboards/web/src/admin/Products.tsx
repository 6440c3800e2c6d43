import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { Field } from '../parts/Field.tsx';
import { faultAt, faultElsewhere } from '../parts/faults.ts';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { profileNamed } from '../words/shipment.ts';
import { AdminPage } from './AdminPage.tsx';
import css from './admin.module.css';
import { useProducts } from './admin-queries.ts';
import { Pages } from './Pages.tsx';
import { ProductFile } from './ProductFile.tsx';
import { ChangeButton, FormButtons } from './RegisterButtons.tsx';
import { type ProductRow, TakenError, useProfiles, usePutProduct } from './setup-queries.ts';

/** What products are called, how they are kept, and what they stand: one by one or by a file. */
export function Products() {
  const [edited, setEdited] = useState<ProductRow | null>(null);
  const [saved, setSaved] = useState(0);
  const leave = (count: number) => {
    setEdited(null);
    setSaved(count);
  };
  return (
    <AdminPage text="products.title" permission="product.register">
      <p className={css.lead}>{say('products.lead')}</p>
      <ProductForm
        key={edited?.gtin ?? `new ${saved}`}
        edited={edited}
        isSaved={edited === null && saved > 0}
        onCancel={() => leave(0)}
        onSaved={() => leave(saved + 1)}
      />
      <ProductFile />
      <List onEdit={setEdited} />
    </AdminPage>
  );
}

const VALUE_CLASSES = ['', '1', '2', '3', '4', '5'] as const;

interface ProductFormProps {
  /** The product that is changed; null for a new one. */
  readonly edited: ProductRow | null;
  /** Whether one was saved just before: the form stands empty again. */
  readonly isSaved: boolean;
  readonly onCancel: () => void;
  readonly onSaved: () => void;
}

function ProductForm({ edited, isSaved, onCancel, onSaved }: ProductFormProps) {
  const put = usePutProduct();
  const { data: profiles } = useProfiles();
  const [gtin, setGtin] = useState(edited?.gtin ?? '');
  const [name, setName] = useState(edited?.name ?? '');
  const [profile, setProfile] = useState(edited?.profile ?? '');
  const [budget, setBudget] = useState(edited?.stability.budget ?? '');
  const [mktWindow, setMktWindow] = useState(edited?.stability.mktWindow ?? '');
  const [thermalMass, setThermalMass] = useState(edited?.thermalMass ?? '');
  const [valueClass, setValueClass] = useState(edited?.valueClass === undefined ? '' : String(edited.valueClass));

  function submit(event: React.FormEvent) {
    event.preventDefault();
    const stability = {
      ...(budget.trim() !== '' && { budget: budget.trim() }),
      ...(mktWindow.trim() !== '' && { mktWindow: mktWindow.trim() }),
    };
    const kept = {
      profile: profile === '' ? null : profile,
      valueClass: valueClass === '' ? null : Number(valueClass),
      thermalMass: thermalMass.trim() === '' ? null : thermalMass.trim(),
    };
    put.mutate(
      { gtin: gtin.trim(), body: { name: name.trim(), stability, ...kept }, isNew: edited === null },
      { onSuccess: onSaved },
    );
  }

  return (
    <form className={`panel section ${css.form}`} onSubmit={submit}>
      <h2>{edited === null ? say('products.add') : say('products.change', { name: edited.name })}</h2>
      <Field
        label={say('products.gtin')}
        hint={say('products.gtin.hint')}
        fault={put.error instanceof TakenError ? put.error.message : undefined}
        required
        disabled={edited !== null}
        inputMode="numeric"
        maxLength={14}
        value={gtin}
        onChange={setGtin}
      />
      <Field
        label={say('products.name')}
        fault={faultAt(put.error, 'name')}
        required
        maxLength={200}
        value={name}
        onChange={setName}
      />
      <NativeSelect
        label={say('products.profile')}
        value={profile}
        data={[
          { value: '', label: say('products.profile.none') },
          ...(profiles?.items ?? []).map((one) => ({ value: one.id, label: one.name })),
        ]}
        onChange={(event) => setProfile(event.currentTarget.value)}
      />
      <Field
        label={say('products.budget')}
        hint={say('products.budget.hint')}
        fault={faultAt(put.error, 'stability.budget')}
        placeholder="36h"
        value={budget}
        onChange={setBudget}
      />
      <Field
        label={say('products.mktWindow')}
        hint={say('products.mktWindow.hint')}
        fault={faultAt(put.error, 'stability.mktWindow')}
        placeholder="30d"
        value={mktWindow}
        onChange={setMktWindow}
      />
      <Field
        label={say('products.thermalMass')}
        hint={say('products.thermalMass.hint')}
        fault={faultAt(put.error, 'thermalMass')}
        placeholder="45m"
        value={thermalMass}
        onChange={setThermalMass}
      />
      <NativeSelect
        label={say('products.valueClass')}
        description={say('products.valueClass.hint')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        value={valueClass}
        data={VALUE_CLASSES.map((one) => ({ value: one, label: one === '' ? say('products.valueClass.none') : one }))}
        onChange={(event) => setValueClass(event.currentTarget.value)}
      />
      <div className={`buttons ${css.whole}`}>
        <FormButtons
          create={say('products.create')}
          isNew={edited === null}
          isPending={put.isPending}
          onCancel={onCancel}
        />
      </div>
      <Trouble
        error={put.error instanceof TakenError ? null : faultElsewhere(put.error, ['name', 'stability', 'thermalMass'])}
      />
      {isSaved && put.isIdle ? <p role="status">{say('admin.saved')}</p> : null}
    </form>
  );
}

function List({ onEdit }: { onEdit: (product: ProductRow) => void }) {
  const query = useProducts();
  return (
    <section className="section-open">
      <Pages
        query={query}
        name={say('products.title')}
        empty={say('products.empty')}
        emptyHint={say('products.empty.hint')}
      >
        {(products: readonly ProductRow[]) => (
          <table className={`table cards ${css.table}`}>
            <thead>
              <tr>
                <th scope="col">{say('products.name')}</th>
                <th scope="col">{say('products.profile')}</th>
                <th scope="col">{say('products.budget')}</th>
                <th scope="col">{say('products.mktWindow')}</th>
                <th scope="col">{say('products.thermalMass')}</th>
                <th scope="col">{say('products.valueClass')}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {products.map((product) => (
                <tr key={product.gtin}>
                  <td>
                    <b>{product.name}</b> <span className="muted">{product.gtin}</span>
                  </td>
                  <td data-label={say('products.profile')}>
                    {product.profile === null ? '–' : profileNamed(product.profile)}
                  </td>
                  <td data-label={say('products.budget')}>{product.stability.budget ?? '–'}</td>
                  <td data-label={say('products.mktWindow')}>{product.stability.mktWindow ?? '–'}</td>
                  <td data-label={say('products.thermalMass')}>{product.thermalMass ?? '–'}</td>
                  <td data-label={say('products.valueClass')}>{product.valueClass ?? '–'}</td>
                  <td>
                    <ChangeButton
                      label={say('products.change', { name: product.name })}
                      onClick={() => onEdit(product)}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Pages>
    </section>
  );
}
