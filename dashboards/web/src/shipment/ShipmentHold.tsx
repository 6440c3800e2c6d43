import { Button, Textarea } from '@mantine/core';
import { IconLock, IconLockOpen } from '@tabler/icons-react';
import { Fragment, useState } from 'react';
import type { HoldView } from '../../../api/index.ts';
import { WhenExact } from '../parts/When.tsx';
import { useHoldAction, useHolds } from '../queries.ts';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import css from './ShipmentHold.module.css';

/** Whether the shipment's records are on hold, since when and why; quality sets and releases the hold here. */
export function ShipmentHold({ id }: { id: string }) {
  const { data, error } = useHolds(`shipment:${id}`);
  const [isAsking, setAsking] = useState(false);
  const mayHold = useMay('hold.change');
  if (data === undefined) return error === null ? null : <p className="trouble">{error.message}</p>;
  const standing = data.items.find(({ releasedAt }) => releasedAt === null);
  const earlier = data.items.filter(({ releasedAt }) => releasedAt !== null);
  if (!mayHold && data.items.length === 0) return null;
  return (
    <section className={`panel section ${css.stack}`} aria-labelledby="records">
      <div className="head">
        <h2 id="records">{standing === undefined ? say('shipment.records') : say('shipment.recordsOnHold')}</h2>
        <span className="spring" />
        {mayHold && !isAsking ? (
          <Button
            variant="default"
            size="xs"
            leftSection={standing === undefined ? <IconLock size={15} /> : <IconLockOpen size={15} />}
            onClick={() => setAsking(true)}
          >
            {standing === undefined ? say('shipment.putOnHold') : say('shipment.releaseTheHold')}
          </Button>
        ) : null}
      </div>
      {standing === undefined ? (
        <p className="muted">{say('shipment.notOnHoldReadingsAnd')}</p>
      ) : (
        <div>
          <p>{standing.reason}</p>
          <p className="muted">
            <Say
              text="shipment.heldBySinceNothingOf"
              values={{ setBy: standing.setBy, whenExact: <WhenExact at={standing.setAt} /> }}
            />
          </p>
        </div>
      )}
      {isAsking ? <HoldForm id={id} isRelease={standing !== undefined} onDone={() => setAsking(false)} /> : null}
      {earlier.length === 0 ? null : <EarlierHolds holds={earlier} />}
    </section>
  );
}

function HoldForm({ id, isRelease, onDone }: { id: string; isRelease: boolean; onDone: () => void }) {
  const act = useHoldAction(`shipment:${id}`);
  const [reason, setReason] = useState('');
  return (
    <form
      className="ask"
      onSubmit={(event) => {
        event.preventDefault();
        act.mutate({ isRelease, reason: reason.trim() }, { onSuccess: onDone });
      }}
    >
      <Textarea
        autosize
        minRows={2}
        autoFocus
        label={isRelease ? say('shipment.whyItMayBeReleased') : say('shipment.whyItIsHeld')}
        placeholder={isRelease ? say('shipment.eGComplaint4711Closed') : say('shipment.eGComplaint4711Under')}
        required
        withAsterisk={false}
        maxLength={1000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {act.error === null ? null : (
        <p className="trouble" role="alert">
          {act.error.message}
        </p>
      )}
      <div className="buttons">
        <Button type="submit" loading={act.isPending} disabled={reason.trim().length < 3}>
          {isRelease ? say('shipment.releaseTheHold') : say('shipment.putOnHold')}
        </Button>
        <Button variant="subtle" color="gray" onClick={onDone}>
          {say('shipment.cancel')}
        </Button>
      </div>
    </form>
  );
}

function EarlierHolds({ holds }: { holds: readonly HoldView[] }) {
  return (
    <ol className="history">
      {holds.map(({ id, reason, setBy, setAt, releasedBy, releasedAt, releaseReason }) => (
        <Fragment key={id}>
          <Deed who={releasedBy} did="released the hold" at={releasedAt} why={releaseReason} />
          <Deed who={setBy} did="put it on hold" at={setAt} why={reason} />
        </Fragment>
      ))}
    </ol>
  );
}

interface DeedProps {
  readonly who: string | null;
  readonly did: string;
  readonly at: string | null;
  readonly why: string | null;
}

function Deed({ who, did, at, why }: DeedProps) {
  return (
    <li>
      <div>
        <b>{who}</b> {did} <span className="muted">{at === null ? null : <WhenExact at={at} />}</span>
      </div>
      <p>{why}</p>
    </li>
  );
}
