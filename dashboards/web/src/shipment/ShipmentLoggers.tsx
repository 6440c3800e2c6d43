import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import type { ShipmentDetail } from '../../../api/index.ts';
import { RegisterDevice } from '../device/RegisterDevice.tsx';
import { SwapDevice } from '../device/SwapDevice.tsx';
import { Chosen } from '../parts/Chosen.tsx';
import { ScanField } from '../parts/ScanField.tsx';
import { Trouble } from '../parts/States.tsx';
import { TimeField } from '../parts/TimeField.tsx';
import { useZone } from '../parts/Zone.tsx';
import { useDevices } from '../queries.ts';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { unitText } from '../words/printed.ts';
import { fromText, zoneName } from '../words/when.ts';
import { ReasonField } from './ReasonField.tsx';
import css from './Shipment.module.css';
import { useAttach } from './shipment-queries.ts';

/** Which logger is on which unit now; put on by scan or choice, and taken off, with time and reason. */
export function ShipmentLoggers({ shipment }: { shipment: ShipmentDetail }) {
  const mayAttach = useMay('device.attach');
  const [asking, setAsking] = useState<{ readonly off: string | null } | null>(null);
  const [swapping, setSwapping] = useState<string | null>(null);
  const [said, setSaid] = useState('');
  const attached = shipment.units.flatMap(({ epc, devices }) => devices.map((device) => ({ device, unit: epc })));
  if (shipment.units.length === 0 || (attached.length === 0 && !mayAttach)) return null;
  return (
    <section className={`panel section ${css.stack}`} aria-labelledby="loggers">
      <div className="head">
        <h2 id="loggers">{say('shipment.loggers')}</h2>
        <span className="spring" />
        {mayAttach && asking === null ? (
          <Button variant="default" size="xs" onClick={() => setAsking({ off: null })}>
            {say('shipment.attach')}
          </Button>
        ) : null}
      </div>
      {attached.length === 0 ? <p className="muted">{say('shipment.loggers.none')}</p> : null}
      {attached.length === 0 ? null : (
        <ul className={css.loggers}>
          {attached.map(({ device, unit }) => (
            <li key={`${unit} ${device}`}>
              <Link to={`/devices/${encodeURIComponent(device)}`}>{device}</Link>
              <span className="muted">{say('shipment.on', { unit: unitText(unit) })}</span>
              {mayAttach && asking === null ? (
                <Button variant="subtle" color="gray" size="xs" onClick={() => setAsking({ off: device })}>
                  {say('shipment.takeOff', { device })}
                </Button>
              ) : null}
              {mayAttach && asking === null && swapping === null ? (
                <Button variant="subtle" color="gray" size="xs" onClick={() => setSwapping(device)}>
                  {say('device.swap')}
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      {swapping === null ? null : (
        <SwapDevice
          key={swapping}
          device={swapping}
          shipment={shipment.id}
          onDone={(what) => {
            if (what !== null) setSaid(what);
            setSwapping(null);
          }}
        />
      )}
      {asking === null ? null : (
        <AttachForm
          key={asking.off ?? ''}
          shipment={shipment}
          off={asking.off}
          onDone={(what) => {
            setSaid(what);
            setAsking(null);
          }}
        />
      )}
      <p role="status" className={said === '' ? css.silent : ''}>
        {said}
      </p>
    </section>
  );
}

interface AttachFormProps {
  readonly shipment: ShipmentDetail;
  /** The logger that is to be taken off; null where one is put on. */
  readonly off: string | null;
  readonly onDone: (said: string) => void;
}

function AttachForm({ shipment, off, onDone }: AttachFormProps) {
  const attach = useAttach(shipment.id);
  const zone = useZone();
  const { data: devices = [] } = useDevices();
  const [device, setDevice] = useState(off ?? '');
  const [unit, setUnit] = useState(shipment.units[0]?.epc ?? '');
  const [time, setTime] = useState('');
  const [reason, setReason] = useState('');
  const loggers = devices.filter(({ kind }) => kind !== 'gateway').map(({ id }) => id);
  const at = time.trim() === '' ? null : fromText(time, zone);
  const isReady = device !== '' && reason.trim().length >= 3 && (time.trim() === '' || at !== null);
  /** The one that was scanned and not known: its outcome stays where it has been registered. */
  const [met, setMet] = useState<string | null>(null);
  const isUnknown = device !== '' && off === null && devices.length > 0 && !loggers.includes(device);

  /** A unit's label chooses the unit, anything else is a logger. */
  function scan(text: string) {
    const digits = text.replace(/\D/g, '');
    const scanned = shipment.units.find(({ epc }) => unitText(epc).replace(/\D/g, '') === digits || epc === text);
    if (scanned === undefined) {
      setDevice(text);
      setMet(loggers.includes(text) ? null : text);
    } else setUnit(scanned.epc);
  }

  function send() {
    const attachment = { device, unit: off === null ? unit : null, reason: reason.trim() };
    attach.mutate(at === null ? attachment : { ...attachment, from: at }, {
      onSuccess: (answer) => {
        const said =
          off === null
            ? say('shipment.attached', { device, unit: unitText(unit) })
            : say('shipment.takenOff', { device });
        onDone([said, ...(answer?.warnings ?? [])].join(' '));
      },
    });
  }

  return (
    <div className="ask">
      {off === null ? (
        <>
          <ScanField
            label={say('shipment.scanLogger')}
            hint="logger-7"
            action={say('shipment.scanLogger.take')}
            onScan={scan}
          />
          <Chosen
            label={say('shipment.logger')}
            data={loggers}
            value={loggers.includes(device) ? device : null}
            onChange={(chosen) => setDevice(chosen ?? '')}
          />
          {isUnknown || met === device ? (
            <div>
              {isUnknown ? (
                <p className="trouble" role="alert">
                  {say('shipment.loggerUnknown', { device })}
                </p>
              ) : null}
              <RegisterDevice key={device} id={device} isPutOn={false} />
            </div>
          ) : null}
          <NativeSelect
            label={say('shipment.unit')}
            data={shipment.units.map(({ epc }) => ({ value: epc, label: unitText(epc) }))}
            value={unit}
            onChange={(event) => setUnit(event.currentTarget.value)}
          />
        </>
      ) : (
        <p>{say('shipment.takeOff.effect', { device: off })}</p>
      )}
      <TimeField
        label={say('shipment.attach.since', { zone: zoneName(zone) })}
        value={time}
        zone={zone}
        isOptional
        onChange={setTime}
      />
      <ReasonField
        value={reason}
        often={
          off === null
            ? [say('shipment.often.packed'), say('shipment.often.replaced'), say('shipment.often.correction')]
            : [say('shipment.often.arrived'), say('shipment.often.wrongUnit'), say('shipment.often.broken')]
        }
        onChange={setReason}
      />
      <Trouble error={attach.error} />
      <div className="buttons">
        <Button disabled={!isReady || isUnknown} loading={attach.isPending} onClick={send}>
          {off === null ? say('shipment.attach.do') : say('shipment.takeOff.do')}
        </Button>
        <Button variant="subtle" color="gray" onClick={() => onDone('')}>
          {say('shipment.cancel')}
        </Button>
      </div>
    </div>
  );
}
