import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CredentialView, DeviceView } from '../../../api/index.ts';
import { segment, send } from '../ask.ts';
import { Chosen } from '../parts/Chosen.tsx';
import { Trouble } from '../parts/States.tsx';
import { everyPage, keys, useDevices, useShipments } from '../queries.ts';
import { useAttach } from '../shipment/shipment-queries.ts';
import { useMay, useSeesAll } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { unitText } from '../words/printed.ts';
import css from './RegisterDevice.module.css';

interface Registered {
  /** Gateways that may bring it from now on. */
  readonly confirmed: readonly string[];
  readonly readings: number;
  /** Why what is left of what it had sent cannot be taken; null where nothing is left. */
  readonly left: string | null;
  /** Why what had waited could not be taken over; null where it was. */
  readonly adoptError: Error | null;
}

interface Outcome {
  readonly readings: number;
  readonly left: readonly { readonly reason: string }[];
}

/** Registers a logger that is known by what it sent alone, lets in who brings it, and takes over what had waited. */
function useRegister(id: string) {
  const client = useQueryClient();
  const mayConfirm = useMay('access.manage');
  const mayAdopt = useMay('quarantine.decide');
  return useMutation({
    mutationFn: async (reason: string): Promise<Registered> => {
      const confirmed = mayConfirm ? await confirmBringers(id) : [];
      await send<DeviceView | undefined>('POST', '/devices', { id, kind: 'logger' });
      if (!mayAdopt) return { confirmed, readings: 0, left: null, adoptError: null };
      const wish = { reason };
      try {
        const path = `/quarantine/adopt?source=${encodeURIComponent(id)}`;
        const { readings, left } = await send<Outcome>('POST', path, wish);
        return { confirmed, readings, left: left[0]?.reason ?? null, adoptError: null };
      } catch (error) {
        // It is registered by now: that is said, beside why the rest did not come about.
        const adoptError = error instanceof Error ? error : new Error(String(error));
        return { confirmed, readings: 0, left: null, adoptError };
      }
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.devices });
      void client.invalidateQueries({ queryKey: keys.device(id) });
      void client.invalidateQueries({ queryKey: ['admin'] });
    },
  });
}

async function confirmBringers(device: string): Promise<readonly string[]> {
  const credentials = await everyPage<CredentialView>('/credentials');
  const bringers = credentials.filter(({ waiting }) => waiting.includes(device)).map(({ id }) => id);
  for (const id of bringers) {
    await send<CredentialView>('POST', `/credentials/${segment(id)}/confirm`, { sources: [device] });
  }
  return bringers;
}

/**
 * One click for a device nobody registered; then it can be put on a unit at once. Nothing for one that is registered.
 * Nothing either for who is bound to sites: it is registered at none.
 * @param isPanel stands for itself on a screen, and says what is the matter
 * @param isPutOn whether it offers to put it on a unit of any shipment
 */
export function RegisterDevice({
  id,
  isPanel = false,
  isPutOn = true,
}: {
  id: string;
  isPanel?: boolean;
  isPutOn?: boolean;
}) {
  const { data: devices } = useDevices();
  const seesAll = useSeesAll();
  const mayRegister = useMay('device.register') && seesAll;
  const mayAdopt = useMay('quarantine.decide');
  const register = useRegister(id);
  const [why, setWhy] = useState(() => say('device.register.reason'));
  const reason = why.trim() === '' ? say('device.register.reason') : why.trim();
  const isRegistered = devices === undefined || devices.some((one) => one.id === id && one.kind !== null);
  if (register.data !== undefined) {
    const { readings, left, confirmed, adoptError } = register.data;
    return (
      <div className={isPanel ? `panel section ${css.registered}` : css.registered}>
        <p role="status">
          {say('device.registered', { id, readings })}{' '}
          {confirmed.length === 0 ? null : say('device.register.confirmed', { gateways: confirmed.join(', ') })}{' '}
          {left === null ? null : <span className="trouble">{left}</span>}
        </p>
        {adoptError === null ? null : (
          <div>
            <p className="trouble" role="alert">
              {say('device.register.notAdopted', { error: adoptError.message })}
            </p>
            <Button size="xs" variant="default" onClick={() => register.mutate(reason)}>
              {say('parts.tryAgain')}
            </Button>
          </div>
        )}
        {isPutOn ? <Bind id={id} /> : null}
      </div>
    );
  }
  // What was begun here is shown to its end, whatever the list of devices says by then.
  if (!mayRegister || (isRegistered && register.isIdle)) return null;
  return (
    <div className={isPanel ? `panel section ${css.registered}` : 'buttons'}>
      {isPanel ? <p>{say('device.notRegistered.hint')}</p> : null}
      {mayAdopt ? (
        <TextInput
          label={say('device.register.why')}
          maxLength={1000}
          value={why}
          onChange={(event) => setWhy(event.currentTarget.value)}
        />
      ) : null}
      <Button size="xs" loading={register.isPending} onClick={() => register.mutate(reason)}>
        {mayAdopt ? say('device.register.adopt') : say('device.register')}
      </Button>
      <Trouble error={register.error} />
    </div>
  );
}

/** Puts it on a unit of a shipment under way. */
function Bind({ id }: { id: string }) {
  const mayAttach = useMay('device.attach');
  const [search, setSearch] = useState('');
  const { data } = useShipments({ condition: null, q: search.trim(), show: 'open' });
  const shipments = data?.pages.flatMap(({ items }) => items) ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const shipment = shipments.find((one) => one.id === chosen);
  const [unit, setUnit] = useState('');
  const attach = useAttach(chosen ?? '');
  const units = shipment?.units ?? [];
  const on = units.find(({ epc }) => epc === unit)?.epc ?? units[0]?.epc;
  if (!mayAttach) return null;
  if (attach.isSuccess && chosen !== null) {
    return <p role="status">{say('device.bound', { id, shipment: chosen })}</p>;
  }
  return (
    <form
      className={css.bind}
      onSubmit={(event) => {
        event.preventDefault();
        if (on !== undefined) attach.mutate({ device: id, unit: on, reason: say('device.register.reason') });
      }}
    >
      <Chosen
        label={say('device.bind.shipment')}
        data={shipments.map((one) => one.id)}
        searchValue={search}
        onSearchChange={setSearch}
        value={chosen}
        onChange={setChosen}
        nothingFoundMessage={say('device.bind.none')}
      />
      <NativeSelect
        label={say('shipment.unit')}
        data={units.map(({ epc }) => ({ value: epc, label: unitText(epc) }))}
        value={on ?? ''}
        onChange={(event) => setUnit(event.currentTarget.value)}
      />
      <Button type="submit" size="xs" variant="default" disabled={on === undefined} loading={attach.isPending}>
        {say('shipment.attach.do')}
      </Button>
      <Trouble error={attach.error} />
    </form>
  );
}
