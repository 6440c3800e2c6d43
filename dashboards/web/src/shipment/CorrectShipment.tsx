import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { PROFILES } from '../../../../domain/index.ts';
import type { PlaceRef, ShipmentDetail } from '../../../api/index.ts';
import { useSites } from '../announce/announce-queries.ts';
import { readLines } from '../announce/scanned-lines.ts';
import { UnitLines } from '../announce/UnitLines.tsx';
import { Trouble } from '../parts/States.tsx';
import { TimeField } from '../parts/TimeField.tsx';
import { useZone } from '../parts/Zone.tsx';
import { say } from '../text/say.ts';
import { fromText, toText, zoneName } from '../words/when.ts';
import { ReasonField } from './ReasonField.tsx';
import css from './Shipment.module.css';
import { type Correction, useCorrect } from './shipment-queries.ts';

const NO_DEVICES: ReadonlySet<string> = new Set();

/** What a shipment says is put right, for a reason: only what is changed here is sent. */
export function CorrectShipment({ shipment, onDone }: { shipment: ShipmentDetail; onDone: (said: string) => void }) {
  const correct = useCorrect(shipment.id);
  return (
    <section className={`panel section ${css.stack}`} aria-labelledby="correct">
      <h2 id="correct">{say('shipment.correct.title')}</h2>
      <p className="muted">{say('shipment.correct.effect')}</p>
      {/* Changed by somebody else it is another form: what stands in it must not undo theirs. */}
      <Fields
        key={shipment.revision}
        shipment={shipment}
        isPending={correct.isPending}
        onSend={(correction) =>
          correct.mutate(correction, {
            onSuccess: (answer) => onDone([say('shipment.corrected'), ...(answer?.warnings ?? [])].join(' ')),
          })
        }
        onLeave={() => onDone('')}
      />
      <Trouble error={correct.error} />
    </section>
  );
}

interface FieldsProps {
  readonly shipment: ShipmentDetail;
  readonly isPending: boolean;
  readonly onSend: (correction: Correction) => void;
  readonly onLeave: () => void;
}

function Fields({ shipment, isPending, onSend, onLeave }: FieldsProps) {
  const { data: sites = [] } = useSites();
  const ownZone = useZone();
  const zoneOf = (id: string, ref: PlaceRef) => sites.find((site) => site.id === id)?.zone ?? ref.zone ?? ownZone;
  const [before] = useState(() => ({
    profile: shipment.profile.id,
    origin: shipment.origin.id,
    destination: shipment.destination.id,
    departs: toText(Date.parse(shipment.departs), shipment.origin.zone ?? ownZone),
    arrives:
      shipment.arrives === null ? '' : toText(Date.parse(shipment.arrives), shipment.destination.zone ?? ownZone),
    lane: shipment.lane ?? '',
    carrier: shipment.carrier ?? '',
    add: '',
    remove: '',
    reason: '',
  }));
  const [now, setNow] = useState(before);
  const set = (change: Partial<typeof before>) => setNow((last) => ({ ...last, ...change }));
  const scanned = useMemo(() => readLines(now.add, NO_DEVICES), [now.add]);
  const zones = { from: zoneOf(now.origin, shipment.origin), to: zoneOf(now.destination, shipment.destination) };
  const removed = now.remove.split(/[\r\n]+/).flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  const correction = correctionOf();
  const isAnything = correction !== null && Object.keys(correction).length > 2;

  function correctionOf(): Correction | null {
    const departs = fromText(now.departs, zones.from);
    const arrives = fromText(now.arrives, zones.to);
    if (scanned.faults.length > 0 || departs === null || arrives === null) return null;
    // To the minute, as it is shown: seconds are not lost by looking.
    const isMoved = (name: 'departs' | 'arrives', zone: string, was: string | null) =>
      now[name] !== before[name] || zone !== was;
    const add = scanned.units.map(({ code, serials }) => ({
      sscc: code,
      children: serials.map((serial) => (serial.lot === null ? serial.code : childOf(serial))),
    }));
    return {
      ...{ revision: shipment.revision, reason: now.reason.trim() },
      ...(now.profile === before.profile ? {} : { profile: now.profile }),
      ...(now.origin === before.origin ? {} : { origin: now.origin }),
      ...(now.destination === before.destination ? {} : { destination: now.destination }),
      ...(isMoved('departs', zones.from, shipment.origin.zone ?? ownZone) ? { departs } : {}),
      ...(isMoved('arrives', zones.to, shipment.destination.zone ?? ownZone) ? { arrives } : {}),
      ...(now.lane.trim() === before.lane ? {} : { lane: now.lane.trim() === '' ? null : now.lane.trim() }),
      ...(now.carrier.trim() === before.carrier
        ? {}
        : { carrier: now.carrier.trim() === '' ? null : now.carrier.trim() }),
      ...(add.length === 0 ? {} : { add }),
      ...(removed.length === 0 ? {} : { remove: removed }),
    };
  }

  return (
    <form
      className={css.stack}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (correction !== null && isAnything) onSend(correction);
      }}
    >
      <div className={css.fields}>
        <NativeSelect
          label={say('announce.profile')}
          data={optionsWith(PROFILES, shipment.profile)}
          value={now.profile}
          onChange={(event) => set({ profile: event.currentTarget.value })}
        />
        <NativeSelect
          label={say('announce.origin')}
          data={optionsWith(sites, shipment.origin)}
          value={now.origin}
          onChange={(event) => set({ origin: event.currentTarget.value })}
        />
        <NativeSelect
          label={say('announce.destination')}
          data={optionsWith(sites, shipment.destination)}
          value={now.destination}
          onChange={(event) => set({ destination: event.currentTarget.value })}
        />
        <TimeField
          label={say('announce.departs', { zone: zoneName(zones.from) })}
          value={now.departs}
          zone={zones.from}
          onChange={(departs) => set({ departs })}
        />
        <TimeField
          label={say('announce.arrives', { zone: zoneName(zones.to) })}
          value={now.arrives}
          zone={zones.to}
          onChange={(arrives) => set({ arrives })}
        />
        <TextInput
          label={say('announce.lane')}
          autoComplete="off"
          maxLength={200}
          value={now.lane}
          onChange={(event) => set({ lane: event.currentTarget.value })}
        />
        <TextInput
          label={say('announce.carrier')}
          autoComplete="off"
          maxLength={200}
          value={now.carrier}
          onChange={(event) => set({ carrier: event.currentTarget.value })}
        />
      </div>
      <details>
        <summary>{say('shipment.correct.listed')}</summary>
        <UnitLines
          text={now.add}
          scanned={scanned}
          label={say('shipment.correct.add')}
          onChange={(add) => set({ add })}
        />
        <Textarea
          className={css.removed}
          label={say('shipment.correct.remove')}
          description={say('shipment.correct.remove.hint')}
          rows={4}
          spellCheck={false}
          autoComplete="off"
          value={now.remove}
          onChange={(event) => set({ remove: event.currentTarget.value })}
        />
      </details>
      <ReasonField
        value={now.reason}
        often={[say('shipment.often.paper'), say('shipment.often.replanned')]}
        onChange={(reason) => set({ reason })}
      />
      <div className="buttons">
        <Button type="submit" loading={isPending} disabled={!isAnything || now.reason.trim().length < 3}>
          {say('shipment.correct.do')}
        </Button>
        <Button variant="subtle" color="gray" onClick={onLeave}>
          {say('shipment.leave')}
        </Button>
      </div>
    </form>
  );
}

function childOf({ code, lot, expiry }: { code: string; lot: string | null; expiry: string | null }): object {
  return { epc: code, lot, ...(expiry === null ? {} : { expiry }) };
}

/** What can be chosen, and what is: a site that is not registered, a profile that is not known. */
function optionsWith(
  known: readonly { readonly id: string; readonly name: string }[],
  present: { readonly id: string; readonly name: string },
): { value: string; label: string }[] {
  const all = known.some(({ id }) => id === present.id) ? known : [present, ...known];
  return all.map(({ id, name }) => ({ value: id, label: name }));
}
