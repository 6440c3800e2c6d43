import { Button } from '@mantine/core';
import { useState } from 'react';
import type { DeviceImport } from '../../../api/index.ts';
import { fileText } from '../announce/file-text.ts';
import { AnswerError } from '../ask.ts';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import css from './DeviceFile.module.css';
import { useImportDevices } from './device-queries.ts';

/** Devices by CSV: read first, shown what it would change, then taken whole or not at all. */
export function DeviceFile() {
  const read = useImportDevices();
  const take = useImportDevices();
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
    <section className="panel section stack-small" aria-labelledby="device-file">
      <h2 id="device-file">{say('device.file')}</h2>
      <p className="muted">
        {say('device.file.hint')} <a href="/api/v1/devices.csv">{say('device.file.get')}</a>
      </p>
      <label>
        <span>{say('device.file.choose')}</span>{' '}
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
          <span>{say('device.file.preview', { file: file.name, ...preview })}</span>
          {count === 0 ? null : (
            <Button size="xs" loading={take.isPending} onClick={() => take.mutate({ text: file.text, isDry: false })}>
              {say('device.file.take', { count })}
            </Button>
          )}
        </div>
      )}
      {take.isSuccess ? <p role="status">{say('device.file.done', { count: countOf(take.data) })}</p> : null}
    </section>
  );
}

function countOf(change: DeviceImport | undefined): number {
  return (change?.added ?? 0) + (change?.changed ?? 0);
}

/** Line by line what is wrong. */
function Faults({ error }: { error: Error | null }) {
  const faults = error instanceof AnswerError ? (error.problem?.errors ?? []) : [];
  if (faults.length === 0) return <Trouble error={error} />;
  return (
    <div role="alert">
      <p className="trouble">{say('device.file.nothing')}</p>
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
