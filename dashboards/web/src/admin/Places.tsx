import { Checkbox, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { PlaceView, Position } from '../../../api/index.ts';
import { Field } from '../parts/Field.tsx';
import { faultAt, faultElsewhere } from '../parts/faults.ts';
import { Failed, Loading, Nothing, Trouble } from '../parts/States.tsx';
import { ZoneField } from '../parts/ZoneField.tsx';
import { say } from '../text/say.ts';
import { ownZone } from '../words/when.ts';
import { AdminPage } from './AdminPage.tsx';
import css from './admin.module.css';
import { nameOfPlace, plainId } from './ids.ts';
import { ChangeButton, FormButtons } from './RegisterButtons.tsx';
import { useOrganisation, usePlaces, usePutPlace } from './setup-queries.ts';

const KINDS = ['site', 'room', 'vehicle'] as const;
type Kind = (typeof KINDS)[number];

/** Sites, the rooms in them, and vehicles. */
export function Places() {
  return (
    <AdminPage text="places.title" permission="place.register">
      <p className={css.lead}>{say('places.lead')}</p>
      <Register />
    </AdminPage>
  );
}

function Register() {
  const { data, error, isPending, refetch } = usePlaces();
  const { data: organisation } = useOrganisation();
  const [edited, setEdited] = useState<PlaceView | null>(null);
  const [saved, setSaved] = useState(0);
  const leave = (count: number) => {
    setEdited(null);
    setSaved(count);
  };
  if (isPending) return <Loading rows={5} height={52} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('places.title')} onRetry={() => void refetch()} />;
  return (
    <>
      <PlaceForm
        key={edited?.id ?? `new ${organisation?.zone} ${saved}`}
        places={data.items}
        edited={edited}
        zone={organisation?.zone ?? ownZone()}
        isSaved={edited === null && saved > 0}
        onCancel={() => leave(0)}
        onSaved={() => leave(saved + 1)}
      />
      <section className="section-open">
        <List places={data.items} onEdit={setEdited} />
      </section>
    </>
  );
}

interface PlaceFormProps {
  readonly places: readonly PlaceView[];
  /** The place that is changed; null for a new one. */
  readonly edited: PlaceView | null;
  /** That new sites are offered. */
  readonly zone: string;
  /** Whether one was saved just before: the form stands empty again. */
  readonly isSaved: boolean;
  readonly onCancel: () => void;
  readonly onSaved: () => void;
}

function PlaceForm({ places, edited, zone: offered, isSaved, onCancel, onSaved }: PlaceFormProps) {
  const put = usePutPlace();
  const [kind, setKind] = useState<Kind>(edited?.kind ?? (places.length === 0 ? 'site' : 'room'));
  const [name, setName] = useState(edited?.name ?? '');
  const [ownId, setOwnId] = useState<string | null>(null);
  const [parent, setParent] = useState(edited?.parent ?? '');
  const [zone, setZone] = useState(edited?.zone ?? '');
  const [gln, setGln] = useState(edited?.gln ?? '');
  const [position, setPosition] = useState(edited?.position === undefined ? '' : positionText(edited.position));
  const [isCommentRequired, setIsCommentRequired] = useState(edited?.commentRequired ?? false);
  const isRoom = kind === 'room';
  const within =
    edited === null && isRoom && parent === '' ? (places.find((one) => one.kind === 'site')?.id ?? '') : parent;
  const prefix = isRoom && within.startsWith('site:') ? `${within.slice('site:'.length)}/` : '';
  const id = edited?.id ?? `${kind}:${(ownId ?? `${prefix}${plainId(name)}`).trim()}`;
  const [refused, setRefused] = useState<string | null>(null);
  const ownOrOffered = zone === '' && within === '' ? offered : zone;

  function submit(event: React.FormEvent) {
    event.preventDefault();
    if (edited === null && places.some((one) => one.id === id)) {
      setRefused(id);
      return;
    }
    const body = {
      ...{ name: name.trim(), parent: within === '' ? null : within },
      ...(ownOrOffered.trim() !== '' && { zone: ownOrOffered.trim() }),
      ...(gln.trim() !== '' && { gln: gln.trim() }),
      ...(isCommentRequired && { commentRequired: true }),
      ...(position.trim() !== '' && { position: positionIn(position) }),
    };
    put.mutate({ id, body }, { onSuccess: onSaved });
  }

  return (
    <form className={`panel section ${css.form}`} onSubmit={submit}>
      <h2>{edited === null ? say('places.add') : say('places.change', { name: edited.name })}</h2>
      {edited === null ? (
        <NativeSelect
          label={say('places.kind')}
          value={kind}
          data={KINDS.map((one) => ({ value: one, label: say(`places.kind.${one}`) }))}
          onChange={(event) => setKind(KINDS.find((one) => one === event.currentTarget.value) ?? 'site')}
        />
      ) : null}
      <Field
        label={say('places.name')}
        fault={faultAt(put.error, 'name')}
        required
        maxLength={200}
        value={name}
        onChange={setName}
      />
      {edited === null ? (
        <Field
          label={say('places.id')}
          hint={say('places.id.hint', { id })}
          fault={refused === id ? say('admin.idTaken', { id }) : faultAt(put.error, 'id')}
          value={ownId ?? `${prefix}${plainId(name)}`}
          required
          maxLength={120}
          spellCheck={false}
          autoCapitalize="none"
          onChange={setOwnId}
        />
      ) : null}
      <NativeSelect
        label={say('places.parent')}
        value={within}
        data={[
          { value: '', label: say('places.parent.none') },
          ...places
            .filter((one) => one.id !== edited?.id)
            .map((one) => ({ value: one.id, label: nameOfPlace(one, places) })),
        ]}
        onChange={(event) => setParent(event.currentTarget.value)}
      />
      <ZoneField
        label={say('places.zone')}
        hint={within === '' ? say('places.zone.hint') : say('places.zone.within')}
        fault={faultAt(put.error, 'zone')}
        value={ownOrOffered}
        isRequired={within === ''}
        onChange={setZone}
      />
      <Field
        label={say('places.gln')}
        hint={say('places.gln.hint')}
        fault={faultAt(put.error, 'gln')}
        inputMode="numeric"
        value={gln}
        onChange={setGln}
      />
      <Field
        label={say('places.position')}
        hint={say('places.position.hint')}
        fault={faultAt(put.error, 'position')}
        value={position}
        maxLength={60}
        onChange={setPosition}
      />
      <Checkbox
        label={say('places.commentRequired')}
        checked={isCommentRequired}
        onChange={(event) => setIsCommentRequired(event.currentTarget.checked)}
      />
      <div className={`buttons ${css.whole}`}>
        <FormButtons
          create={say('places.create')}
          isNew={edited === null}
          isPending={put.isPending}
          onCancel={onCancel}
        />
      </div>
      <Trouble error={faultElsewhere(put.error, ['name', 'id', 'zone', 'gln', 'position'])} />
      {isSaved && put.isIdle && refused === null ? <p role="status">{say('admin.saved')}</p> : null}
    </form>
  );
}

function positionText({ latitude, longitude }: Position): string {
  return `${latitude}, ${longitude}`;
}

/** `52.52, 13.40` as maps give it to copy. What is no pair of numbers is for the server to refuse. */
function positionIn(typed: string): { readonly latitude: number | null; readonly longitude: number | null } {
  const found = /^\s*(-?\d+(?:\.\d+)?)\s*[,;\s]\s*(-?\d+(?:\.\d+)?)\s*$/.exec(typed);
  return { latitude: found === null ? null : Number(found[1]), longitude: found === null ? null : Number(found[2]) };
}

function List({ places, onEdit }: { places: readonly PlaceView[]; onEdit: (place: PlaceView) => void }) {
  if (places.length === 0) return <Nothing title={say('places.empty')}>{say('places.empty.hint')}</Nothing>;
  return (
    <div className="panel scroll">
      <table className={`table cards ${css.table}`}>
        <thead>
          <tr>
            <th scope="col">{say('places.name')}</th>
            <th scope="col">{say('places.kind')}</th>
            <th scope="col">{say('places.parent')}</th>
            <th scope="col">{say('places.zone')}</th>
            <th scope="col">{say('places.gln')}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {places.map((place) => (
            <tr key={place.id}>
              <td>
                <b>{place.name}</b> <span className="muted">{place.id}</span>
              </td>
              <td data-label={say('places.kind')}>{say(`places.kind.${place.kind}`)}</td>
              <td data-label={say('places.parent')}>
                {place.parent === null ? (
                  <span className="muted">–</span>
                ) : (
                  (places.find(({ id }) => id === place.parent)?.name ?? place.parent)
                )}
              </td>
              <td data-label={say('places.zone')} className="muted">
                {place.zone}
              </td>
              <td data-label={say('places.gln')} className="muted">
                {place.gln ?? '–'}
              </td>
              <td>
                <ChangeButton label={say('places.change', { name: place.name })} onClick={() => onEdit(place)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
