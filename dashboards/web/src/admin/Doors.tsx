import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { PlaceView, PortalView } from '../../../api/index.ts';
import { Field } from '../parts/Field.tsx';
import { faultAt, faultElsewhere } from '../parts/faults.ts';
import { Failed, Loading, Nothing, Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { AdminPage } from './AdminPage.tsx';
import css from './admin.module.css';
import { ConnectScreen } from './ConnectScreen.tsx';
import { nameOfPlace, plainId } from './ids.ts';
import { ReaderTest } from './ReaderTest.tsx';
import { ChangeButton, FormButtons } from './RegisterButtons.tsx';
import { useDoors, usePlaces, usePutDoor } from './setup-queries.ts';

type Antenna = PortalView['antennas'][number];

const SIDES = ['', 'inside', 'outside'] as const;

/** Portals: which places each stands between, and which antennas of which readers look at it. */
export function Doors() {
  return (
    <AdminPage text="doors.title" permission="place.register">
      <p className={css.lead}>{say('doors.lead')}</p>
      <Register />
    </AdminPage>
  );
}

function Register() {
  const doors = useDoors();
  const places = usePlaces();
  const [edited, setEdited] = useState<PortalView | null>(null);
  const [saved, setSaved] = useState(0);
  const leave = (count: number) => {
    setEdited(null);
    setSaved(count);
  };
  if (doors.isPending || places.isPending) return <Loading rows={5} height={52} />;
  if (doors.data === undefined || places.data === undefined) {
    const error = doors.error ?? places.error ?? new Error('');
    const again = () => void Promise.all([doors.refetch(), places.refetch()]);
    return <Failed error={error} what={say('doors.title')} onRetry={again} />;
  }
  return (
    <>
      {places.data.items.length === 0 ? (
        <Nothing title={say('doors.noPlaces')}>{say('doors.noPlaces.hint')}</Nothing>
      ) : (
        <DoorForm
          key={edited?.id ?? `new ${saved}`}
          places={places.data.items}
          doors={doors.data.items}
          edited={edited}
          isSaved={edited === null && saved > 0}
          onCancel={() => leave(0)}
          onSaved={() => leave(saved + 1)}
        />
      )}
      <section className="section-open">
        <List doors={doors.data.items} onEdit={setEdited} />
      </section>
    </>
  );
}

interface DoorFormProps {
  readonly places: readonly PlaceView[];
  readonly doors: readonly PortalView[];
  /** The door that is changed; null for a new one. */
  readonly edited: PortalView | null;
  /** Whether one was saved just before: the form stands empty again. */
  readonly isSaved: boolean;
  readonly onCancel: () => void;
  readonly onSaved: () => void;
}

function DoorForm({ places, doors, edited, isSaved, onCancel, onSaved }: DoorFormProps) {
  const put = usePutDoor();
  const room = places.find(({ kind }) => kind === 'room') ?? places[0];
  const [name, setName] = useState(edited?.name ?? '');
  const [ownId, setOwnId] = useState<string | null>(null);
  const [inside, setInside] = useState(edited?.inside.id ?? room?.id ?? '');
  const [outside, setOutside] = useState(edited?.outside.id ?? room?.parent ?? places[0]?.id ?? '');
  const [antennas, setAntennas] = useState<readonly Antenna[]>(
    edited?.antennas ?? [{ reader: '', antenna: 1, side: null }],
  );
  const [triggers, setTriggers] = useState(edited?.triggers.join(' ') ?? '');
  const [quiet, setQuiet] = useState(edited?.quiet ?? '');
  const [cap, setCap] = useState(edited?.cap ?? '');
  const id = edited?.id ?? (ownId ?? plainId(name)).trim();
  const [refused, setRefused] = useState<string | null>(null);
  const choices = places.map((one) => ({ value: one.id, label: nameOfPlace(one, places) }));

  function submit(event: React.FormEvent) {
    event.preventDefault();
    if (edited === null && doors.some((one) => one.id === id)) {
      setRefused(id);
      return;
    }
    const body = {
      ...{ name: name.trim(), inside, outside, antennas: [...antennas] },
      triggers: triggers.split(/[\s,;]+/).filter((one) => one !== ''),
      ...(quiet.trim() !== '' && { quiet: quiet.trim() }),
      ...(cap.trim() !== '' && { cap: cap.trim() }),
    };
    put.mutate({ id, body }, { onSuccess: onSaved });
  }

  return (
    <form className={`panel section ${css.form}`} onSubmit={submit}>
      <h2>{edited === null ? say('doors.add') : say('doors.change', { name: edited.name })}</h2>
      <Field
        label={say('doors.name')}
        fault={faultAt(put.error, 'name')}
        required
        maxLength={200}
        value={name}
        onChange={setName}
      />
      {edited === null ? (
        <Field
          label={say('doors.id')}
          hint={say('doors.id.hint')}
          fault={refused === id ? say('admin.idTaken', { id }) : faultAt(put.error, 'id')}
          required
          maxLength={128}
          spellCheck={false}
          autoCapitalize="none"
          value={ownId ?? plainId(name)}
          onChange={setOwnId}
        />
      ) : null}
      <NativeSelect
        label={say('doors.inside')}
        value={inside}
        data={choices}
        onChange={(event) => setInside(event.currentTarget.value)}
      />
      <NativeSelect
        label={say('doors.outside')}
        value={outside}
        data={choices}
        onChange={(event) => setOutside(event.currentTarget.value)}
      />
      <Antennas antennas={antennas} fault={faultAt(put.error, 'antennas')} onChange={setAntennas} />
      <Field
        label={say('doors.triggers')}
        hint={say('doors.triggers.hint')}
        fault={faultAt(put.error, 'triggers')}
        value={triggers}
        onChange={setTriggers}
      />
      <Field
        label={say('doors.quiet')}
        hint={say('doors.quiet.hint')}
        fault={faultAt(put.error, 'quiet')}
        placeholder="5s"
        value={quiet}
        onChange={setQuiet}
      />
      <Field
        label={say('doors.cap')}
        hint={say('doors.cap.hint')}
        fault={faultAt(put.error, 'cap')}
        placeholder="2m"
        value={cap}
        onChange={setCap}
      />
      <div className={`buttons ${css.whole}`}>
        <FormButtons
          create={say('doors.create')}
          isNew={edited === null}
          isPending={put.isPending}
          onCancel={onCancel}
        />
      </div>
      <Trouble error={faultElsewhere(put.error, ['name', 'id', 'antennas', 'triggers', 'quiet', 'cap'])} />
      {isSaved && put.isIdle && refused === null ? <p role="status">{say('admin.saved')}</p> : null}
    </form>
  );
}

interface AntennasProps {
  readonly antennas: readonly Antenna[];
  readonly fault: string | undefined;
  readonly onChange: (antennas: readonly Antenna[]) => void;
}

function Antennas({ antennas, fault, onChange }: AntennasProps) {
  const set = (at: number, change: Partial<Antenna>) =>
    onChange(antennas.map((one, index) => (index === at ? { ...one, ...change } : one)));
  const last = antennas.at(-1);
  return (
    <fieldset className={css.antennas}>
      <legend>{say('doors.antennas')}</legend>
      {antennas.map((antenna, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place in the list
        <div key={index} className={css.antenna}>
          <Field
            label={say('doors.reader')}
            required
            maxLength={128}
            spellCheck={false}
            autoCapitalize="none"
            value={antenna.reader}
            onChange={(reader) => set(index, { reader })}
          />
          <Field
            label={say('doors.antenna')}
            required
            type="number"
            min={1}
            value={String(antenna.antenna)}
            onChange={(number) => set(index, { antenna: Number(number) })}
          />
          <NativeSelect
            label={say('doors.side')}
            value={antenna.side ?? ''}
            data={SIDES.map((side) => ({ value: side, label: say(`doors.side.${side === '' ? 'both' : side}`) }))}
            onChange={(event) => {
              const { value } = event.currentTarget;
              set(index, { side: value === 'inside' || value === 'outside' ? value : null });
            }}
          />
          <Button
            variant="subtle"
            color="gray"
            disabled={antennas.length === 1}
            aria-label={say('doors.antenna.remove', { number: index + 1 })}
            onClick={() => onChange(antennas.filter((_, at) => at !== index))}
          >
            {say('doors.remove')}
          </Button>
        </div>
      ))}
      <Button
        variant="default"
        size="xs"
        onClick={() =>
          onChange([...antennas, { reader: last?.reader ?? '', antenna: (last?.antenna ?? 0) + 1, side: null }])
        }
      >
        {say('doors.antenna.add')}
      </Button>
      {fault === undefined ? null : (
        <p className="trouble" role="alert">
          {fault}
        </p>
      )}
    </fieldset>
  );
}

function List({ doors, onEdit }: { doors: readonly PortalView[]; onEdit: (door: PortalView) => void }) {
  if (doors.length === 0) return <Nothing title={say('doors.empty')}>{say('doors.empty.hint')}</Nothing>;
  return (
    <div className="panel scroll">
      <table className={`table cards ${css.table}`}>
        <thead>
          <tr>
            <th scope="col">{say('doors.name')}</th>
            <th scope="col">{say('doors.between')}</th>
            <th scope="col">{say('doors.antennas')}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {doors.map((door) => (
            <tr key={door.id}>
              <td>
                <b>{door.name}</b> <span className="muted">{door.id}</span>
              </td>
              <td data-label={say('doors.between')}>
                {say('doors.fromTo', { outside: door.outside.name, inside: door.inside.name })}
              </td>
              <td data-label={say('doors.antennas')} className="muted">
                <div>
                  {door.antennas.map(({ reader, antenna }) => `${reader}/${antenna}`).join(', ')}
                  {[...new Set(door.antennas.map(({ reader }) => reader))].map((reader) => (
                    <ReaderTest key={reader} reader={reader} />
                  ))}
                </div>
              </td>
              <td>
                <div className="buttons">
                  <ChangeButton label={say('doors.change', { name: door.name })} onClick={() => onEdit(door)} />
                  <ConnectScreen door={door} />
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
