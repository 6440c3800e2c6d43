import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useDeferredValue, useMemo, useState } from 'react';
import { Link } from 'react-router';
import { PROFILES } from '../../../../domain/index.ts';
import { AnswerError } from '../ask.ts';
import { TimeField } from '../parts/TimeField.tsx';
import { useZone } from '../parts/Zone.tsx';
import { useDevices } from '../queries.ts';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { count, counted } from '../words/figures.ts';
import { fromText, toText, zoneName } from '../words/when.ts';
import css from './Announce.module.css';
import { type Announced, useAnnounce, useProductNames, useSites } from './announce-queries.ts';
import { lineOfPath, noticeBody, type ProductWords } from './notice-body.ts';
import { ScannedProducts } from './ScannedProducts.tsx';
import { ScannedUnits } from './ScannedUnits.tsx';
import { productsIn, readLines, type Scanned } from './scanned-lines.ts';
import { UnitLines } from './UnitLines.tsx';

const NOTHING_SAID: ProductWords = { name: '', lot: '', expiry: '' };

/** A shipment by form: where it goes and when, and its units and serials as they are scanned or pasted. */
export function ShipmentForm({ onAnnounced }: { onAnnounced: (shipment: Announced) => void }) {
  const { data: sites = [], isPending } = useSites();
  const { data: devices = [] } = useDevices();
  const { data: names } = useProductNames();
  const ownZone = useZone();
  const announce = useAnnounce();
  const [id, setId] = useState(newId);
  const [profile, setProfile] = useState(PROFILES[0]?.id ?? '');
  const [origin, setOrigin] = useState('');
  const [destination, setDestination] = useState('');
  const from = sites.find((site) => site.id === origin) ?? sites[0];
  const to = sites.find((site) => site.id === destination) ?? sites.find((site) => site !== from) ?? from;
  const [departs, setDeparts] = useState('');
  const [arrives, setArrives] = useState('');
  const [packed, setPacked] = useState('');
  const [lane, setLane] = useState('');
  const [carrier, setCarrier] = useState('');
  const [text, setText] = useState('');
  const [prefix, setPrefix] = useState('');
  const [said, setSaid] = useState<ReadonlyMap<string, Partial<ProductWords>>>(new Map());
  const zones = { from: from?.zone ?? ownZone, to: to?.zone ?? ownZone };

  const known = useMemo(
    () => new Set(devices.filter(({ kind }) => kind !== 'gateway').map((device) => device.id)),
    [devices],
  );
  // A list of thousands is read behind what is typed.
  const shown = useDeferredValue(text);
  const scanned = useMemo(() => readLines(shown, known), [shown, known]);
  const products = useMemo(() => productsIn(scanned.units), [scanned]);
  const words = (gtin: string): ProductWords => ({ ...NOTHING_SAID, name: names?.get(gtin) ?? '', ...said.get(gtin) });

  const times = {
    departs: fromText(departs, zones.from),
    arrives: fromText(arrives, zones.to),
    packed: packed.trim() === '' ? null : fromText(packed, zones.from),
  };
  const obstacle = obstacleOf({ scanned, times, packed, isRead: shown === text, hasSites: from !== undefined });

  function submit() {
    const { departs: leaves, arrives: comes } = times;
    if (obstacle !== null || leaves === null || comes === null || from === undefined || to === undefined) return;
    const notice = noticeBody({
      ...{ id: id.trim(), profile, origin: from.id, destination: to.id, departs: leaves, arrives: comes },
      ...{ packed: times.packed, lane, carrier, units: scanned.units },
      products: new Map(products.map(({ gtin }) => [gtin, words(gtin)])),
    });
    announce.mutate({ notice, prefix }, { onSuccess: onAnnounced });
  }

  if (!isPending && from === undefined) return <NoSites />;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className={`panel section ${css.fields}`}>
        <TextInput
          label={say('announce.id')}
          autoComplete="off"
          spellCheck={false}
          maxLength={128}
          value={id}
          onChange={(event) => setId(event.currentTarget.value)}
        />
        <NativeSelect
          label={say('announce.profile')}
          data={PROFILES.map(({ id: value, name: label }) => ({ value, label }))}
          value={profile}
          onChange={(event) => setProfile(event.currentTarget.value)}
        />
        <NativeSelect
          label={say('announce.origin')}
          data={sites.map(({ id: value, name: label }) => ({ value, label }))}
          value={from?.id ?? ''}
          onChange={(event) => setOrigin(event.currentTarget.value)}
        />
        <NativeSelect
          label={say('announce.destination')}
          data={sites.map(({ id: value, name: label }) => ({ value, label }))}
          value={to?.id ?? ''}
          onChange={(event) => setDestination(event.currentTarget.value)}
        />
        <TimeField
          label={say('announce.departs', { zone: zoneName(zones.from) })}
          value={departs}
          zone={zones.from}
          isOptional
          onChange={setDeparts}
        />
        <TimeField
          label={say('announce.arrives', { zone: zoneName(zones.to) })}
          value={arrives}
          zone={zones.to}
          isOptional
          onChange={setArrives}
        />
        <TimeField
          label={say('announce.packed', { zone: zoneName(zones.from) })}
          value={packed}
          zone={zones.from}
          isOptional
          onChange={setPacked}
        />
        <TextInput
          label={say('announce.lane')}
          autoComplete="off"
          maxLength={200}
          value={lane}
          onChange={(event) => setLane(event.currentTarget.value)}
        />
        <TextInput
          label={say('announce.carrier')}
          autoComplete="off"
          maxLength={200}
          value={carrier}
          onChange={(event) => setCarrier(event.currentTarget.value)}
        />
        <p className={css.whole}>
          <Button
            variant="default"
            size="xs"
            onClick={() => {
              setDeparts(toText(Date.now(), zones.from));
              setArrives((before) => (before === '' ? toText(Date.now() + DAY_MS, zones.to) : before));
            }}
          >
            {say('announce.now')}
          </Button>
        </p>
      </div>
      <UnitLines text={text} scanned={scanned} onChange={setText} />
      {scanned.withoutPrefix === 0 ? null : (
        <div className="panel section">
          <TextInput
            className={css.prefix}
            label={say('announce.prefix')}
            description={say('announce.prefix.hint', { count: scanned.withoutPrefix })}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            placeholder="0614141"
            inputMode="numeric"
            autoComplete="off"
            value={prefix}
            onChange={(event) => setPrefix(event.currentTarget.value)}
          />
        </div>
      )}
      <ScannedUnits units={scanned.units} devices={devices} text={text} onChange={setText} />
      <ScannedProducts
        products={products}
        words={words}
        onChange={(gtin, change) => setSaid((before) => new Map(before).set(gtin, { ...before.get(gtin), ...change }))}
      />
      <div className={css.end}>
        <Button type="submit" size="md" loading={announce.isPending} disabled={obstacle !== null}>
          {say('announce.do', {
            units: counted(scanned.units.length, 'unit'),
            serials: counted(
              scanned.units.reduce((sum, { serials }) => sum + serials.length, 0),
              'serial',
            ),
          })}
        </Button>
        {obstacle === null ? null : (
          <p className="muted" role="status">
            {obstacle}
          </p>
        )}
        <Refused error={announce.error} scanned={scanned} />
      </div>
    </form>
  );
}

const DAY_MS = 86_400_000;

/** What is missing before it can be sent, in words; null where nothing is. */
function obstacleOf(form: {
  readonly scanned: Scanned;
  readonly times: { readonly departs: number | null; readonly arrives: number | null; readonly packed: number | null };
  readonly packed: string;
  readonly isRead: boolean;
  readonly hasSites: boolean;
}): string | null {
  const { scanned, times } = form;
  if (!form.hasSites || !form.isRead) return say('announce.missing.reading');
  if (times.departs === null) return say('announce.missing.departs');
  if (times.arrives === null) return say('announce.missing.arrives');
  if (times.arrives <= times.departs) return say('announce.missing.order');
  if (form.packed.trim() !== '' && times.packed === null) return say('announce.missing.packed');
  if (scanned.faults.length > 0) return say('announce.missing.faults', { count: scanned.faults.length });
  if (scanned.units.length === 0) return say('announce.missing.units');
  return null;
}

/** The server's word on what was sent, by the line it is of. */
function Refused({ error, scanned }: { error: Error | null; scanned: Scanned }) {
  if (error === null) return null;
  const faults = error instanceof AnswerError ? (error.problem?.errors ?? []) : [];
  if (faults.length === 0) {
    return (
      <p className="trouble" role="alert">
        {error.message}
      </p>
    );
  }
  return (
    <ul className={`trouble ${css.faults}`} role="alert">
      {faults.map(({ path, message }) => {
        const line = lineOfPath(path, scanned.units);
        const where = line === null ? path : say('announce.line', { line: count(line) });
        return (
          <li key={path}>
            {where}: {message}
          </li>
        );
      })}
    </ul>
  );
}

function NoSites() {
  const mayRegister = useMay('place.register');
  return (
    <div className="panel section">
      <h2>{say('announce.noSites')}</h2>
      <p className="muted">{say('announce.noSites.hint')}</p>
      {mayRegister ? <Link to="/admin/places">{say('announce.noSites.register')}</Link> : null}
    </div>
  );
}

/** Letters and digits that nobody takes for each other. */
const LETTERS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** `S-20261129-7KQ2`: what is sent twice has one id. */
function newId(): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const chosen = crypto.getRandomValues(new Uint8Array(4));
  return `S-${day}-${[...chosen].map((byte) => LETTERS[byte % LETTERS.length]).join('')}`;
}
