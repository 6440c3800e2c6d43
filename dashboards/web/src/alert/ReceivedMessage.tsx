import { Button } from '@mantine/core';
import { useState } from 'react';
import type { AlertDetail, ReadingOriginals } from '../../../api/index.ts';
import { WhenExact } from '../parts/When.tsx';
import { useReadingOriginals } from '../queries.ts';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { unitOf } from '../words/alert.ts';
import css from './ReceivedMessage.module.css';

/** A gateway's batch is bytes, and a logger may upload its whole memory in one message. */
const SHOWN = 2_000;

/** The message that brought the worst reading of an alert, as it was received: shown when asked for. */
export function ReceivedMessage({ alert }: { alert: AlertDetail }) {
  const mayRead = useMay('originals.read');
  const [isOpen, setOpen] = useState(false);
  const reading = worstReading(alert);
  const { device, metric } = alert.subject;
  if (!mayRead) return null;
  if (reading === null || device === undefined || metric === undefined) return null;
  return (
    <>
      <div className={css.received}>
        <Button variant="default" size="xs" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? say('alert.hideTheMessage') : say('alert.messageAsReceived')}
        </Button>
      </div>
      {isOpen ? <Received key={reading.time} device={device} metric={metric} reading={reading} /> : null}
    </>
  );
}

interface Reading {
  readonly time: string;
  readonly value: number;
}

function worstReading({ evidence }: AlertDetail): Reading | null {
  return evidence.readings.find(({ value }) => value === evidence.extreme) ?? evidence.readings.at(-1) ?? null;
}

interface ReceivedProps {
  readonly device: string;
  readonly metric: string;
  readonly reading: Reading;
}

function Received({ device, metric, reading }: ReceivedProps) {
  const { data, error } = useReadingOriginals(device, metric, reading.time);
  if (error !== null) return <p className="trouble">{error.message}</p>;
  if (data === undefined) return <p className="muted">{say('alert.lookingForIt')}</p>;
  const [first] = data.items;
  if (first === undefined) return <p className="muted">{say('alert.noMessageIsKeptThat')}</p>;
  return (
    <div className={css.received}>
      <p className="muted">
        <Say
          text="alert.cameFromAndArrived"
          values={{
            value: reading.value,
            metric: unitOf(metric),
            source: first.source,
            whenExact: <WhenExact at={first.arrival} />,
          }}
        />
      </p>
      <pre>{textOf(first)}</pre>
      <p className="muted">
        <Say text="alert.sha256" values={{ code: <code>{first.sha256}</code> }} />
      </p>
    </div>
  );
}

function textOf({ payload }: ReadingOriginals['items'][number]): string {
  const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.length > SHOWN ? say('alert.bytes', { slice: text.slice(0, SHOWN), length: bytes.length }) : text;
  } catch {
    // Not text: a gateway's own form.
    return say('alert.bytesOfAGatewayBatch', { length: bytes.length });
  }
}
