import { NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { LoggerFileMapping } from '../../../api/index.ts';
import { Failed, Loading } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import css from './ReadOut.module.css';
import { type LooseRows, uploadFile } from './upload.ts';

/** What a person says of each column. */
const MEANINGS = ['nothing', 'time', 'date', 'clock', 'celsius', 'fahrenheit', 'humidity'] as const;
type Meaning = (typeof MEANINGS)[number];

export interface Pointed {
  readonly meanings: readonly Meaning[];
  readonly firstRow: number;
  readonly name: string;
}

export const NOT_POINTED: Pointed = { meanings: [], firstRow: 1, name: '' };

const VALUES = {
  celsius: { metric: 'temperature', unit: '°C' },
  fahrenheit: { metric: 'temperature', unit: '°F' },
  humidity: { metric: 'humidity', unit: '%RH' },
} as const;

/** The mapping that was pointed at; null while a time or a value is missing. */
export function mappingOf({ meanings, firstRow, name }: Pointed): LoggerFileMapping | null {
  const at = (wanted: Meaning) => meanings.indexOf(wanted) + 1;
  const [whole, date, clock] = [at('time'), at('date'), at('clock')];
  const time = whole > 0 ? whole : date > 0 && clock > 0 ? ([date, clock] as [number, number]) : null;
  const columns = meanings.flatMap((meaning, i) =>
    meaning in VALUES ? [{ column: i + 1, ...VALUES[meaning as keyof typeof VALUES] }] : [],
  );
  if (time === null || columns.length === 0) return null;
  return { time, columns, firstRow, ...(name.trim() === '' ? {} : { name: name.trim() }) };
}

/** The first rows of a file, above each column what it holds. */
export function ColumnMap({
  file,
  pointed,
  onChange,
}: {
  readonly file: File;
  readonly pointed: Pointed;
  readonly onChange: (pointed: Pointed) => void;
}) {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['logger-file-rows', file.name, file.size, file.lastModified],
    queryFn: () => uploadFile<LooseRows>('/logger-files/rows', file, {}, () => {}),
  });
  if (isPending) return <Loading rows={4} height={28} />;
  if (data === undefined) return <Failed error={error} what={say('readOut.map')} onRetry={() => void refetch()} />;
  const rows = data.rows.slice(0, 20);
  const width = rows.reduce((most, { cells }) => Math.max(most, cells.length), 1);
  const columns = Array.from({ length: Math.min(width, 12) }, (_, i) => i);
  const choose = (column: number, meaning: Meaning) =>
    onChange({
      ...pointed,
      meanings: columns.map((i) => (i === column ? meaning : (pointed.meanings[i] ?? 'nothing'))),
    });
  return (
    <section className="panel section" aria-labelledby="columns">
      <h2 id="columns">{say('readOut.map')}</h2>
      <p className="muted">{say('readOut.map.about')}</p>
      <div className="scroll">
        <table className={`table ${css.loose}`}>
          <thead>
            <tr>
              <th scope="col">{say('readOut.row')}</th>
              {columns.map((i) => (
                <th scope="col" key={i}>
                  <NativeSelect
                    size="xs"
                    aria-label={say('readOut.map.column', { column: i + 1 })}
                    data={MEANINGS.map((value) => ({ value, label: say(`readOut.map.${value}`) }))}
                    value={pointed.meanings[i] ?? 'nothing'}
                    onChange={(event) => choose(i, event.currentTarget.value as Meaning)}
                  />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ row, cells }) => (
              <tr key={row} className={row < pointed.firstRow ? 'muted' : ''}>
                <td className="figure muted">{row}</td>
                {columns.map((i) => (
                  <td key={i}>{cells[i] ?? ''}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className={css.fields}>
        <NumberInput
          label={say('readOut.map.firstRow')}
          min={1}
          value={pointed.firstRow}
          onChange={(value) => onChange({ ...pointed, firstRow: Math.max(1, Number(value) || 1) })}
        />
        <TextInput
          label={say('readOut.map.name')}
          maxLength={80}
          value={pointed.name}
          onChange={(event) => onChange({ ...pointed, name: event.currentTarget.value })}
        />
      </div>
    </section>
  );
}
