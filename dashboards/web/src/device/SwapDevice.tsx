import { Button } from '@mantine/core';
import { useState } from 'react';
import { Chosen } from '../parts/Chosen.tsx';
import { ScanField } from '../parts/ScanField.tsx';
import { Trouble } from '../parts/States.tsx';
import { TimeField } from '../parts/TimeField.tsx';
import { useZone } from '../parts/Zone.tsx';
import { useDevices } from '../queries.ts';
import { ReasonField } from '../shipment/ReasonField.tsx';
import { say } from '../text/say.ts';
import { fromText, zoneName } from '../words/when.ts';
import { useSwap } from './device-queries.ts';

interface SwapDeviceProps {
  /** The one that failed. */
  readonly device: string;
  readonly shipment: string | null;
  /** @param said what was done, in a sentence */
  readonly onDone: (said: string | null) => void;
}

/** Another logger takes the place of one that failed: off and on in one action, with time and reason. */
export function SwapDevice({ device, shipment, onDone }: SwapDeviceProps) {
  const zone = useZone();
  const swap = useSwap(device, shipment);
  const { data: devices = [] } = useDevices();
  const [by, setBy] = useState('');
  const [time, setTime] = useState('');
  const [reason, setReason] = useState('');
  const loggers = devices.flatMap(({ id, kind }) => (kind === 'gateway' || id === device ? [] : [id]));
  const from = time.trim() === '' ? undefined : fromText(time, zone);
  const isReady = by !== '' && from !== null && reason.trim().length >= 3;
  return (
    <div className="ask">
      <p>{say('device.swap.hint', { device })}</p>
      <ScanField
        label={say('device.swap.scan')}
        hint="logger-9"
        action={say('shipment.scanLogger.take')}
        onScan={setBy}
      />
      <Chosen
        label={say('device.swap.by')}
        data={loggers.includes(by) || by === '' ? loggers : [by, ...loggers]}
        value={by === '' ? null : by}
        onChange={(chosen) => setBy(chosen ?? '')}
      />
      <TimeField
        label={say('device.swap.at', { zone: zoneName(zone) })}
        value={time}
        zone={zone}
        isOptional
        onChange={setTime}
      />
      <ReasonField
        value={reason}
        often={[say('device.swap.often.silent'), say('device.swap.often.broken'), say('device.swap.often.battery')]}
        onChange={setReason}
      />
      <div className="buttons">
        <Button
          disabled={!isReady}
          loading={swap.isPending}
          onClick={() =>
            swap.mutate(
              { by, reason: reason.trim(), ...(typeof from === 'number' && { from }) },
              {
                onSuccess: (answer) =>
                  onDone([say('device.swapped', { device, by }), ...(answer?.warnings ?? [])].join(' ')),
              },
            )
          }
        >
          {say('device.swap.do')}
        </Button>
        <Button variant="subtle" color="gray" onClick={() => onDone(null)}>
          {say('admin.cancel')}
        </Button>
      </div>
      <Trouble error={swap.error} />
    </div>
  );
}
