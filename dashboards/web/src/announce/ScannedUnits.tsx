import { NativeSelect } from '@mantine/core';
import type { DeviceView } from '../../../api/index.ts';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import { printedSscc } from '../words/printed.ts';
import { productsIn, type ScannedUnit } from './scanned-lines.ts';

const UNITS_SHOWN = 200;

interface ScannedUnitsProps {
  readonly units: readonly ScannedUnit[];
  readonly devices: readonly DeviceView[];
  readonly text: string;
  readonly onChange: (text: string) => void;
}

/** The units as they were read, to be compared with what stands on the dock; a logger is chosen where none was scanned. */
export function ScannedUnits({ units, devices, text, onChange }: ScannedUnitsProps) {
  if (units.length === 0) return null;
  const taken = new Set(units.flatMap((unit) => unit.devices));
  const free = devices.filter(({ id, kind }) => kind !== 'gateway' && !taken.has(id));
  return (
    <section className="section-open" aria-labelledby="scanned-units">
      <h2 id="scanned-units">{say('announce.units')}</h2>
      <div className="panel scroll">
        <table className="table cards">
          <thead>
            <tr>
              <th scope="col">{say('shipment.unit')}</th>
              <th scope="col">{say('shipment.logger')}</th>
              <th scope="col">{say('announce.lots')}</th>
              <th scope="col" className="right">
                {say('shipment.serials')}
              </th>
            </tr>
          </thead>
          <tbody>
            {units.slice(0, UNITS_SHOWN).map((unit) => (
              <tr key={unit.line}>
                <td className="figure">{printedSscc(unit.sscc)}</td>
                <td data-label={say('shipment.logger')}>
                  {unit.devices.length > 0 ? (
                    unit.devices.join(', ')
                  ) : (
                    <NativeSelect
                      size="xs"
                      aria-label={say('announce.logger', { unit: printedSscc(unit.sscc) })}
                      data={[
                        { value: '', label: say('announce.logger.none') },
                        ...free.map(({ id, name }) => ({ value: id, label: name === null ? id : `${name} (${id})` })),
                      ]}
                      value=""
                      onChange={(event) => onChange(withLine(text, unit.line, event.currentTarget.value))}
                    />
                  )}
                </td>
                <td data-label={say('announce.lots')}>
                  {[...new Set(productsIn([unit]).map(({ lot }) => lot ?? '–'))].join(', ')}
                </td>
                <td data-label={say('shipment.serials')} className="right figure">
                  {count(unit.serials.length)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {units.length > UNITS_SHOWN ? (
        <p className="muted">{say('announce.units.more', { count: units.length - UNITS_SHOWN })}</p>
      ) : null}
    </section>
  );
}

/** The list is the one truth: what is chosen stands in it as if it had been scanned. */
function withLine(text: string, after: number, line: string): string {
  const lines = text.split(/\r\n|[\r\n]/);
  return [...lines.slice(0, after), line, ...lines.slice(after)].join('\n');
}
