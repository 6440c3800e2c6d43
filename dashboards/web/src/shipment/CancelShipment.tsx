import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ShipmentDetail } from '../../../api/index.ts';
import { Trouble } from '../parts/States.tsx';
import { WhenExact } from '../parts/When.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { ReasonField } from './ReasonField.tsx';
import { useCancel } from './shipment-queries.ts';

/** Whether a shipment in this state can be cancelled. */
export function isCancellable({ state }: ShipmentDetail): boolean {
  return state === 'created' || state === 'packed' || state === 'in transit';
}

/** That it is cancelled, by whom and why, and the way back. */
export function Cancelled({ shipment }: { shipment: ShipmentDetail }) {
  const mayReinstate = useMay('shipment.announce');
  const [isAsking, setAsking] = useState(false);
  if (shipment.cancelled === null) return null;
  const { at, by, reason } = shipment.cancelled;
  return (
    <div className="panel section">
      <p>
        <Say text="shipment.cancelledBy" values={{ by: <b>{by}</b>, at: <WhenExact at={at} />, reason }} />
      </p>
      {mayReinstate && !isAsking ? (
        <Button variant="default" size="xs" onClick={() => setAsking(true)}>
          {say('shipment.reinstate')}
        </Button>
      ) : null}
      {isAsking ? <CancelForm shipment={shipment} verb="reinstate" onDone={() => setAsking(false)} /> : null}
    </div>
  );
}

interface CancelFormProps {
  readonly shipment: ShipmentDetail;
  readonly verb: 'cancel' | 'reinstate';
  readonly onDone: () => void;
}

/** Cancels a shipment for a reason, or takes that back for one. */
export function CancelForm({ shipment, verb, onDone }: CancelFormProps) {
  const cancel = useCancel(shipment.id);
  const [reason, setReason] = useState('');
  return (
    <form
      className="ask"
      onSubmit={(event) => {
        event.preventDefault();
        cancel.mutate({ verb, revision: shipment.revision, reason: reason.trim() }, { onSuccess: onDone });
      }}
    >
      <p>{say(`shipment.${verb}.effect`)}</p>
      <ReasonField
        value={reason}
        often={
          verb === 'cancel'
            ? [say('shipment.often.order'), say('shipment.often.duplicate')]
            : [say('shipment.often.mistake')]
        }
        onChange={setReason}
      />
      <Trouble error={cancel.error} />
      <div className="buttons">
        <Button type="submit" loading={cancel.isPending} disabled={reason.trim().length < 3}>
          {say(`shipment.${verb}.do`)}
        </Button>
        <Button variant="subtle" color="gray" onClick={onDone}>
          {say('shipment.leave')}
        </Button>
      </div>
    </form>
  );
}
