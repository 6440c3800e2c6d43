import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ProductImport } from '../../../api/index.ts';
import { fileText } from '../announce/file-text.ts';
import { AnswerError } from '../ask.ts';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import css from './admin.module.css';
import { useImportProducts } from './setup-queries.ts';

const TEMPLATE =
  'gtin,name,profile,budget,mktWindow,valueClass,thermalMass\r\n80614141123458,Examplumab 40 mg,2-8C,36h,24h,4,45m\r\n';

/** Products by CSV: read first, shown what it would change, then taken whole or not at all. */
export function ProductFile() {
  const read = useImportProducts();
  const take = useImportProducts();
  const [file, setFile] = useState<{ name: string; text: string } | null>(null);
  const [unread, setUnread] = useState<Error | null>(null);
  const preview = file === null ? undefined : read.data;
  const count = countOf(preview);

  async function choose(chosen: File) {
    take.reset();
    read.reset();
    setFile(null);
    setUnread(null);
    try {
      const text = await fileText(chosen);
      setFile({ name: chosen.name, text });
      read.mutate({ text, isDry: true });
    } catch (error) {
      setUnread(error instanceof Error ? error : new Error(String(error)));
    }
  }

  return (
    <section className={`panel section ${css.file}`}>
      <h2>{say('products.file')}</h2>
      <p className="muted">
        {say('products.file.hint')}{' '}
        <a href={`data:text/csv;charset=utf-8,${encodeURIComponent(TEMPLATE)}`} download="products.csv">
          {say('products.file.template')}
        </a>
      </p>
      <label>
        <span>{say('products.file.choose')}</span>{' '}
        <input
          type="file"
          accept=".csv,text/csv"
          onChange={(event) => {
            const input = event.currentTarget;
            const chosen = input.files?.[0];
            if (chosen === undefined) return;
            void choose(chosen);
            // The same file, mended, may be chosen again.
            input.value = '';
          }}
        />
      </label>
      <Faults error={unread ?? read.error ?? take.error} />
      {file === null || preview === undefined || take.isSuccess ? null : (
        <div className="buttons">
          <span>
            {say('products.file.preview', {
              file: file.name,
              added: preview.added,
              changed: preview.changed,
              same: preview.same,
            })}
          </span>
          {count === 0 ? null : (
            <Button loading={take.isPending} onClick={() => take.mutate({ text: file.text, isDry: false })}>
              {say('products.file.take', { count })}
            </Button>
          )}
        </div>
      )}
      {take.isSuccess ? (
        <p role="status">
          {take.data === undefined
            ? say('products.file.accepted')
            : say('products.file.done', { count: countOf(take.data) })}
        </p>
      ) : null}
    </section>
  );
}

function countOf(change: ProductImport | undefined): number {
  return (change?.added ?? 0) + (change?.changed ?? 0);
}

/** Line by line what is wrong. */
function Faults({ error }: { error: Error | null }) {
  const faults = error instanceof AnswerError ? (error.problem?.errors ?? []) : [];
  if (faults.length === 0) return <Trouble error={error} />;
  return (
    <div role="alert">
      <p className="trouble">{say('products.file.nothing')}</p>
      <ul className={css.faults}>
        {faults.map(({ path, message }) => (
          <li key={path}>
            <b>{path}</b> {message}
          </li>
        ))}
      </ul>
    </div>
  );
}
