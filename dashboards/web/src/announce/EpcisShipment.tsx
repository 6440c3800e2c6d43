import { Button, FileInput } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { Nothing, Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import css from './Announce.module.css';
import { type Captured, useCapture } from './announce-queries.ts';
import { fileText } from './file-text.ts';

/** Shipments by a partner's EPCIS document: each is made from what its shipping events say. */
export function EpcisShipment() {
  const capture = useCapture();
  const [file, setFile] = useState<File | null>(null);
  const [unread, setUnread] = useState<Error | null>(null);

  async function send(chosen: File) {
    setUnread(null);
    try {
      capture.mutate(await fileText(chosen));
    } catch (error) {
      setUnread(error instanceof Error ? error : new Error(String(error)));
    }
  }

  return (
    <>
      <section className="panel section">
        <p>{say('announce.epcis.hint')}</p>
        <div className={css.file}>
          <FileInput
            label={say('announce.epcis.file')}
            placeholder={say('announce.file.choose')}
            accept=".json,.jsonld,.xml,application/json,application/ld+json,application/xml,text/xml"
            clearable
            clearButtonProps={{ 'aria-label': say('announce.file.clear') }}
            value={file}
            onChange={(chosen) => {
              setFile(chosen);
              setUnread(null);
              capture.reset();
            }}
          />
          <Button
            disabled={file === null}
            loading={capture.isPending}
            onClick={() => (file === null ? undefined : void send(file))}
          >
            {say('announce.epcis.send')}
          </Button>
        </div>
        <Trouble error={unread ?? capture.error} />
      </section>
      {capture.data === undefined ? null : capture.data.shipments.length === 0 ? (
        <Nothing title={say('announce.epcis.none')}>{say('announce.epcis.none.hint')}</Nothing>
      ) : (
        <section className="panel section" role="status">
          <h2>{say('announce.epcis.made', { count: capture.data.shipments.length })}</h2>
          <ul className={css.previewList}>
            {capture.data.shipments.map(({ id, profile }) => (
              <li key={id}>
                <Link to={`/shipments/${encodeURIComponent(id)}`}>{id}</Link>
                {profile === 'unknown' ? <span className="ink-warning"> {say('announce.epcis.noProfile')}</span> : null}
              </li>
            ))}
          </ul>
        </section>
      )}
      <Refused events={capture.data?.refused ?? []} />
    </>
  );
}

/** Events that were not taken, whether or not the others made a shipment. */
function Refused({ events }: { events: Captured['refused'] }) {
  if (events.length === 0) return null;
  return (
    <section className="panel section" role="alert">
      <h2>{say('announce.epcis.refused', { count: events.length })}</h2>
      {events.map(({ title, detail }) => (
        <p key={detail} className="trouble">
          {title}: {detail}
        </p>
      ))}
    </section>
  );
}
