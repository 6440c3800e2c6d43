import { Button, FileInput, TextInput } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import type { ShipmentCheckView } from '../../../api/index.ts';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { counted } from '../words/figures.ts';
import { unitText } from '../words/printed.ts';
import { profileNamed } from '../words/shipment.ts';
import { local } from '../words/when.ts';
import css from './Announce.module.css';
import { type Announced, useAnnounce, useCheck, useSites } from './announce-queries.ts';
import { csvTemplate } from './csv-template.ts';
import { fileText, saveText } from './file-text.ts';

/** A shipment by file: shown as it would be, with every row that is wrong, before it is sent whole. */
export function CsvShipment({ onAnnounced }: { onAnnounced: (shipment: Announced) => void }) {
  const { data: sites = [] } = useSites();
  const check = useCheck();
  const announce = useAnnounce();
  const [file, setFile] = useState<File | null>(null);
  const [text, setText] = useState('');
  const [unread, setUnread] = useState<Error | null>(null);
  const [prefix, setPrefix] = useState('');

  async function choose(chosen: File | null) {
    setFile(chosen);
    setUnread(null);
    setText('');
    check.reset();
    announce.reset();
    if (chosen === null) return;
    try {
      const read = await fileText(chosen);
      setText(read);
      check.mutate({ text: read, prefix });
    } catch (error) {
      setUnread(error instanceof Error ? error : new Error(String(error)));
    }
  }

  return (
    <>
      <section className="panel section">
        <p>{say('announce.csv.hint')}</p>
        <div className={css.file}>
          <FileInput
            label={say('announce.csv.file')}
            placeholder={say('announce.file.choose')}
            accept=".csv,.txt,.tsv,text/csv,text/plain"
            clearable
            clearButtonProps={{ 'aria-label': say('announce.file.clear') }}
            value={file}
            onChange={(chosen) => void choose(chosen)}
          />
          <Button
            variant="default"
            leftSection={<IconDownload size={16} stroke={1.6} />}
            onClick={() => {
              const ids = sites.map(({ id }) => id);
              saveText('shipment.csv', csvTemplate(ids, Date.now()));
            }}
          >
            {say('announce.csv.template')}
          </Button>
        </div>
        <Trouble error={unread ?? check.error} />
      </section>
      {check.data === undefined ? null : (
        <Preview
          check={check.data}
          prefix={prefix}
          onPrefix={setPrefix}
          onAgain={() => check.mutate({ text, prefix })}
          isChecking={check.isPending}
          isSending={announce.isPending}
          onSend={() => announce.mutate({ notice: text, prefix }, { onSuccess: onAnnounced })}
        />
      )}
      <Trouble error={announce.error} />
    </>
  );
}

interface PreviewProps {
  readonly check: ShipmentCheckView;
  readonly prefix: string;
  readonly onPrefix: (prefix: string) => void;
  readonly onAgain: () => void;
  readonly isChecking: boolean;
  readonly isSending: boolean;
  readonly onSend: () => void;
}

function Preview({ check, ...form }: PreviewProps) {
  const { notice, exists } = check;
  if (notice === null) return <Faults check={check} {...form} />;
  return (
    <section className="panel section" aria-labelledby="preview">
      <h2 id="preview">{say('announce.preview', { id: notice.id })}</h2>
      <dl className="figures">
        <div>
          <dt>{say('announce.origin')}</dt>
          <dd>{notice.origin.name}</dd>
        </div>
        <div>
          <dt>{say('announce.destination')}</dt>
          <dd>{notice.destination.name}</dd>
        </div>
        <div>
          <dt>{say('announce.preview.departs')}</dt>
          <dd>{local(Date.parse(notice.departs), notice.origin.zone)}</dd>
        </div>
        <div>
          <dt>{say('announce.preview.arrives')}</dt>
          <dd>{local(Date.parse(notice.arrives), notice.destination.zone)}</dd>
        </div>
        <div>
          <dt>{say('announce.profile')}</dt>
          <dd>{profileNamed(notice.profile)}</dd>
        </div>
      </dl>
      <ul className={css.previewList}>
        {notice.units.slice(0, 50).map(({ epc, serialCount, devices }) => (
          <li key={epc}>
            <span className="figure">{unitText(epc)}</span> {counted(serialCount, 'serial')}
            {devices.length === 0 ? null : <span className="muted"> {devices.join(', ')}</span>}
          </li>
        ))}
        {notice.products.map(({ gtin, name, lot, expiry }) => (
          <li key={`${gtin} ${lot} ${expiry}`} className="muted">
            {[name, gtin, lot, expiry].filter((part) => part !== null).join(' · ')}
          </li>
        ))}
      </ul>
      {check.warnings.map((warning) => (
        <p key={warning} className="note">
          {warning}
        </p>
      ))}
      {exists === 'other' ? (
        <p className="trouble">{say('announce.preview.taken', { id: notice.id })}</p>
      ) : (
        <>
          {exists === 'same' ? <p className="note">{say('announce.preview.same')}</p> : null}
          <p>
            <Button size="md" loading={form.isSending} onClick={form.onSend}>
              {say('announce.do', {
                units: counted(notice.units.length, 'unit'),
                serials: counted(notice.serialCount, 'serial'),
              })}
            </Button>
          </p>
        </>
      )}
    </section>
  );
}

function Faults({ check: { faults, faultCount }, ...form }: PreviewProps) {
  const isPrefixMissing = faults.some(({ allowed }) => allowed.includes('company prefix'));
  return (
    <section className="panel section" aria-labelledby="faults" role="alert">
      <h2 id="faults">{say('announce.csv.faults', { count: faultCount })}</h2>
      <p className="muted">{say('announce.csv.faults.hint')}</p>
      {isPrefixMissing ? (
        <div className={css.file}>
          <TextInput
            label={say('announce.prefix')}
            placeholder="0614141"
            inputMode="numeric"
            autoComplete="off"
            value={form.prefix}
            onChange={(event) => form.onPrefix(event.currentTarget.value)}
          />
          <Button variant="default" loading={form.isChecking} onClick={form.onAgain}>
            {say('announce.csv.again')}
          </Button>
        </div>
      ) : null}
      <div className="scroll">
        <table className="table cards">
          <thead>
            <tr>
              <th scope="col">{say('announce.fault.where')}</th>
              <th scope="col">{say('announce.fault.given')}</th>
              <th scope="col">{say('announce.fault.allowed')}</th>
            </tr>
          </thead>
          <tbody>
            {faults.slice(0, 100).map(({ path, given, allowed }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two faults may stand at one place
              <tr key={index}>
                <td className="figure">{path}</td>
                <td data-label={say('announce.fault.given')}>
                  <code>{given}</code>
                </td>
                <td data-label={say('announce.fault.allowed')}>{allowed}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {faultCount > 100 ? <p className="muted">{say('announce.lines.more', { count: faultCount - 100 })}</p> : null}
      <p className="muted">{say('announce.csv.nothingTaken')}</p>
    </section>
  );
}
