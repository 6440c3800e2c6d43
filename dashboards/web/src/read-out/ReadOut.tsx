import { Button, FileInput, NativeSelect, Progress, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { LoggerFileAnswerView, LoggerFileMapping } from '../../../api/index.ts';
import { AnswerError, ask, segment, send } from '../ask.ts';
import { Trouble } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { ZoneField } from '../parts/ZoneField.tsx';
import { say } from '../text/say.ts';
import { ColumnMap, mappingOf, NOT_POINTED, type Pointed } from './ColumnMap.tsx';
import { Outcome } from './Outcome.tsx';
import css from './ReadOut.module.css';
import { uploadFile } from './upload.ts';

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What the page asks where the file does not say it: in a person's words, with a field beside it. */
const QUESTIONS = new Map([
  ['LOGGER_FILE_DATE_AMBIGUOUS', 'readOut.asks.order'],
  ['LOGGER_FILE_UNIT_MISSING', 'readOut.asks.unit'],
  ['LOGGER_FILE_NOT_RECOGNISED', 'readOut.asks.columns'],
  ['LOGGER_FILE_DEVICE_MISSING', 'readOut.asks.device'],
] as const) as ReadonlyMap<
  string,
  'readOut.asks.order' | 'readOut.asks.unit' | 'readOut.asks.columns' | 'readOut.asks.device'
>;

interface KeptMapping {
  readonly name: string;
  readonly mapping: LoggerFileMapping;
}

/** What a file does not say itself. */
interface Said {
  readonly zone: string;
  readonly device: string;
  readonly shipment: string;
  readonly unit: string;
  readonly dateOrder: '' | 'dmy' | 'mdy';
  readonly temperatureUnit: '' | '°C' | '°F';
  readonly twice: '' | 'first' | 'second';
  /** Name of a mapping that is kept. */
  readonly kept: string;
}

/** A file that a logger was read out into, at receipt: from the file to its readings. */
export function ReadOut() {
  useTitle(say('readOut.title'));
  const [search] = useSearchParams();
  const [file, setFile] = useState<File | null>(null);
  const [said, setSaid] = useState<Said>({
    ...{ zone: '', device: search.get('device') ?? '', shipment: search.get('shipment') ?? '', unit: '' },
    ...{ dateOrder: '', temperatureUnit: '', twice: '', kept: '' },
  });
  const [pointed, setPointed] = useState<Pointed>(NOT_POINTED);
  const [percent, setPercent] = useState(0);
  const client = useQueryClient();
  const { data: mappings } = useQuery({
    queryKey: ['logger-file-mappings'],
    queryFn: () => ask<{ items: KeptMapping[] }>('/logger-file-mappings'),
  });
  const upload = useMutation({
    mutationFn: async (isDryRun: boolean): Promise<{ answer: LoggerFileAnswerView; isDryRun: boolean }> => {
      if (file === null) throw new Error(say('readOut.file.choose'));
      setPercent(0);
      const keptOne = mappings?.items.find(({ name }) => name === said.kept)?.mapping ?? null;
      const mapping = mappingFor(said, pointed, keptOne);
      if (!isDryRun && mapping?.name !== undefined) {
        await send('PUT', `/logger-file-mappings/${segment(mapping.name)}`, mapping);
      }
      const { zone, device, shipment, unit, twice, kept } = said;
      const parts = { zone, device, shipment, unit, twice, dryRun: isDryRun ? 'true' : '' };
      const how = mapping === null ? kept : JSON.stringify(mapping);
      const answer = await uploadFile('/logger-files', file, { ...parts, mapping: how }, setPercent);
      return { answer, isDryRun };
    },
    onSuccess: async ({ isDryRun }) => {
      if (!isDryRun) await client.invalidateQueries();
    },
  });
  const change = (part: Partial<Said>) => setSaid({ ...said, ...part });
  const code = upload.error instanceof AnswerError ? upload.error.problem?.code : undefined;
  const asks = (wanted: string) => code === wanted;
  const waitsForHour = upload.data?.answer.waits.some(({ reason }) => reason === 'TIME_TWICE') ?? false;
  const question = QUESTIONS.get(code ?? '');
  const isMapping = asks('LOGGER_FILE_NOT_RECOGNISED') || pointed.meanings.length > 0;
  return (
    <>
      <p className="crumbs">
        <Link to="/devices">{say('device.loggers')}</Link>
      </p>
      <div className="head">
        <h1>{say('readOut.title')}</h1>
      </div>
      <form
        className="panel section"
        onSubmit={(event) => {
          event.preventDefault();
          upload.mutate(false);
        }}
      >
        <p className="muted">{say('readOut.lead')}</p>
        <div className={css.fields}>
          <FileInput
            label={say('readOut.file')}
            description={say('readOut.file.about')}
            placeholder={say('readOut.file.choose')}
            required
            withAsterisk={false}
            value={file}
            onChange={(next) => {
              setFile(next);
              setPointed(NOT_POINTED);
              upload.reset();
            }}
          />
          <ZoneField
            label={say('readOut.zone')}
            hint={say('readOut.zone.about')}
            placeholder={say('readOut.zone.here', { zone: HERE })}
            isRequired
            value={said.zone}
            onChange={(zone) => change({ zone })}
          />
          <TextInput
            label={say('readOut.device')}
            description={say('readOut.device.about')}
            maxLength={120}
            value={said.device}
            onChange={(event) => change({ device: event.currentTarget.value })}
          />
          <TextInput
            label={say('readOut.shipment')}
            description={say('readOut.shipment.about')}
            maxLength={128}
            value={said.shipment}
            onChange={(event) => change({ shipment: event.currentTarget.value })}
          />
          {(mappings?.items.length ?? 0) === 0 ? null : (
            <NativeSelect
              label={say('readOut.map.kept')}
              data={[
                { value: '', label: say('readOut.map.kept.none') },
                ...(mappings?.items ?? []).map(({ name }) => ({ value: name, label: name })),
              ]}
              value={said.kept}
              onChange={(event) => change({ kept: event.currentTarget.value })}
            />
          )}
          {asks('LOGGER_FILE_UNIT_OPEN') || said.unit !== '' ? (
            <TextInput
              label={say('readOut.unit')}
              value={said.unit}
              onChange={(event) => change({ unit: event.currentTarget.value })}
            />
          ) : null}
          {asks('LOGGER_FILE_DATE_AMBIGUOUS') || said.dateOrder !== '' ? (
            <NativeSelect
              label={say('readOut.order')}
              data={[
                { value: '', label: '' },
                { value: 'dmy', label: say('readOut.order.dmy') },
                { value: 'mdy', label: say('readOut.order.mdy') },
              ]}
              value={said.dateOrder}
              onChange={(event) => change({ dateOrder: event.currentTarget.value as Said['dateOrder'] })}
            />
          ) : null}
          {asks('LOGGER_FILE_UNIT_MISSING') || said.temperatureUnit !== '' ? (
            <NativeSelect
              label={say('readOut.temperatureUnit')}
              data={['', '°C', '°F']}
              value={said.temperatureUnit}
              onChange={(event) => change({ temperatureUnit: event.currentTarget.value as Said['temperatureUnit'] })}
            />
          ) : null}
          {waitsForHour || said.twice !== '' ? (
            <NativeSelect
              label={say('readOut.twice')}
              data={[
                { value: '', label: '' },
                { value: 'first', label: say('readOut.twice.first') },
                { value: 'second', label: say('readOut.twice.second') },
              ]}
              value={said.twice}
              onChange={(event) => change({ twice: event.currentTarget.value as Said['twice'] })}
            />
          ) : null}
        </div>
        <div className={css.buttons}>
          <Button type="submit" loading={upload.isPending} disabled={file === null || said.zone.trim() === ''}>
            {say('readOut.take')}
          </Button>
          <Button
            variant="default"
            loading={upload.isPending}
            disabled={file === null || said.zone.trim() === ''}
            onClick={() => upload.mutate(true)}
          >
            {say('readOut.check')}
          </Button>
          {upload.isPending ? (
            <span role="status" className="muted">
              {percent < 100 ? say('readOut.sending', { percent }) : say('readOut.reading')}
            </span>
          ) : null}
        </div>
        {upload.isPending ? <Progress value={percent} mt="sm" aria-label={say('readOut.reading')} /> : null}
        {question === undefined ? (
          <Trouble error={upload.error} />
        ) : (
          <p role="alert" className="ink-warning">
            {say(question)}
          </p>
        )}
      </form>
      {file !== null && isMapping ? <ColumnMap file={file} pointed={pointed} onChange={setPointed} /> : null}
      {upload.data === undefined ? null : (
        <Outcome answer={upload.data.answer} isDryRun={upload.data.isDryRun} shipment={said.shipment} />
      )}
    </>
  );
}

/**
 * What was said of how the file is read, over what the chosen mapping says; null where nothing was, and the file or that
 * mapping says it itself. An answer is for this file: the kept mapping stays as it is.
 */
function mappingFor(
  { dateOrder, temperatureUnit }: Said,
  pointed: Pointed,
  chosen: LoggerFileMapping | null,
): LoggerFileMapping | null {
  const columns = mappingOf(pointed);
  if (columns === null && dateOrder === '' && temperatureUnit === '') return null;
  const { name: _, ...kept } = chosen ?? {};
  return {
    ...(columns ?? kept),
    ...(dateOrder === '' ? {} : { dateOrder }),
    ...(temperatureUnit === '' ? {} : { unit: temperatureUnit }),
  };
}
