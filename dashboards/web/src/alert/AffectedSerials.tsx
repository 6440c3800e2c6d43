import { Button } from '@mantine/core';
import { IconCheck, IconCopy, IconDownload } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { AffectedSerialView, AlertDetail } from '../../../api/index.ts';
import { copyText, mayCopy } from '../parts/clipboard.ts';
import { Failed, Loading } from '../parts/States.tsx';
import { usePass } from '../queries.ts';
import { say } from '../text/say.ts';
import { isOfPass } from '../words/alert.ts';
import { csvOf } from '../words/csv.ts';
import { count, counted } from '../words/figures.ts';
import { statusText } from '../words/status.ts';
import { span } from '../words/when.ts';
import { allAffectedSerials, useAffectedSerials } from './alert-queries.ts';
import { SerialGroups } from './SerialGroups.tsx';

/** Every serial the alert touches, each with its own stretch and dose; equal ones of a unit and lot in one line. */
export function AffectedSerials({ alert }: { alert: AlertDetail }) {
  const [isAll, setAll] = useState(false);
  const query = useAffectedSerials(alert.id, alert.revision, isAll);
  const serials = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  const isMeasured = !isOfPass(alert) && alert.kind !== 'silence';
  const reasons = useReasons(alert);
  return (
    <section className="section-open" aria-labelledby="serials">
      <div className="head">
        <h2 id="serials">
          {titleOf(alert.kind)} <span className="muted figure">{count(alert.affected.count)}</span>
        </h2>
        <span className="spring" />
        {alert.affected.count > 0 ? <Export alert={alert} /> : null}
      </div>
      <AtStake atStake={alert.affected.atStake} />
      {query.isPending ? (
        <Loading rows={4} height={44} />
      ) : query.data === undefined ? (
        <Failed
          error={query.error ?? new Error('')}
          what={say('alert.theSerials')}
          onRetry={() => void query.refetch()}
        />
      ) : serials.length === 0 ? (
        <div className="panel section muted">{say('alert.noSerialsAreKnownTo')}</div>
      ) : (
        <div className="panel">
          <SerialGroups
            label={titleOf(alert.kind)}
            serials={serials}
            total={alert.affected.count}
            isMeasured={isMeasured}
            reasons={reasons}
            onSearch={() => setAll(true)}
          />
          {query.hasNextPage ? (
            <div className="more">
              <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {say('alert.showMore')}
              </Button>
              <span className="muted">
                {say('alert.of', { length: count(serials.length), count: counted(alert.affected.count, 'serial') })}
              </span>
            </div>
          ) : null}
        </div>
      )}
      {query.hasNextPage ? (
        <p className="only-print">
          {say('alert.ofArePrintedTheCsv', {
            length: count(serials.length),
            count: counted(alert.affected.count, 'serial'),
          })}
        </p>
      ) : null}
    </section>
  );
}

function titleOf(kind: AlertDetail['kind']): string {
  if (kind === 'unexpected') return say('alert.serialsNobodyExpects');
  return kind === 'blocked' ? say('alert.serialsThatMustNotMove') : say('alert.affectedSerials');
}

/** Of each serial that may not move on why, as the pass has it; null for other alerts. */
function useReasons({ kind, evidence }: AlertDetail): ReadonlyMap<string, string> | null {
  const { data: pass } = usePass(kind === 'blocked' ? (evidence.pass ?? null) : null);
  return useMemo(
    () => (kind === 'blocked' ? new Map(pass?.blocked.map(({ epc, status }) => [epc, statusText(status)])) : null),
    [kind, pass],
  );
}

function Export({ alert }: { alert: AlertDetail }) {
  const [state, setState] = useState<'idle' | 'working' | 'copied' | 'failed'>('idle');

  async function take(use: (serials: readonly AffectedSerialView[]) => void | Promise<void>, after: 'idle' | 'copied') {
    setState('working');
    try {
      await use(await allAffectedSerials(alert.id));
      setState(after);
    } catch {
      // The list above says what is wrong with the connection; here it is enough that nothing was taken.
      setState('failed');
    }
  }

  return (
    <span className="buttons">
      {state === 'failed' ? (
        <span className="trouble" role="alert">
          {say('alert.thatDidNotWork')}
        </span>
      ) : null}
      {mayCopy() ? (
        <Button
          variant="default"
          size="xs"
          leftSection={state === 'copied' ? <IconCheck size={15} /> : <IconCopy size={15} stroke={1.6} />}
          loading={state === 'working'}
          onClick={() => void take((serials) => copyText(serials.map(({ epc }) => epc).join('\n')), 'copied')}
        >
          {state === 'copied' ? say('alert.copied') : say('alert.copyAll')}
        </Button>
      ) : null}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconDownload size={15} stroke={1.6} />}
        disabled={state === 'working'}
        onClick={() => void take((serials) => save(`alert-${alert.id}-serials.csv`, csvOf(serials)), 'idle')}
      >
        {say('alert.csv')}
      </Button>
    </span>
  );
}

function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** What they are worth and can still stand, where that is known. */
function AtStake({ atStake }: { atStake: AlertDetail['affected']['atStake'] }) {
  if (atStake === undefined) return null;
  const { valueClasses, budgetLeftMinutes } = atStake;
  const sentences = [
    ...valueClasses.map(({ valueClass, serials }) => say('alert.ofValueClass', { valueClass, serials })),
    ...(budgetLeftMinutes === null ? [] : [say('alert.budgetLeft', { left: span(budgetLeftMinutes * 60_000) })]),
  ];
  return <p className="muted">{sentences.join(' ')}</p>;
}
