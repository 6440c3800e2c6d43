import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Link } from 'react-router';
import type { GatewayHeardView, HealthCheckView, HealthView } from '../../../api/index.ts';
import { segment } from '../ask.ts';
import { Field } from '../parts/Field.tsx';
import { Failed, Loading, Trouble } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { AdminPage } from './AdminPage.tsx';
import css from './admin.module.css';
import { ReaderTest } from './ReaderTest.tsx';
import { useHealth, useSettle } from './setup-queries.ts';
import { isWell } from './well.ts';

/** Isotherm's own health: each thing that waits for a person with what mends it. */
export function Health() {
  return (
    <AdminPage text="health.title" permission="health.manage">
      <Report />
    </AdminPage>
  );
}

function Report() {
  const { data, error, isPending, refetch } = useHealth();
  if (isPending) return <Loading rows={6} height={64} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('health.title')} onRetry={() => void refetch()} />;
  const { checks, dead, gateways, quarantine, ready, subscriptions, troubles, undelivered } = data;
  return (
    <>
      {/* What follows is then as it was, not as it is. */}
      {error === null ? null : <Failed error={error} what={say('health.title')} onRetry={() => void refetch()} />}
      {error === null && isWell(data) ? <p className={css.lead}>{say('health.well')}</p> : null}
      {ready ? null : (
        <p className="trouble" role="alert">
          {say('health.notReady')}
        </p>
      )}
      <Part title={say('health.troubles')} none={say('health.troubles.none')} count={troubles.length}>
        {troubles.map(({ part, code, since, text }) => (
          <li key={`${part} ${code}`} className={css.waiting}>
            <div>
              <b>{part}</b> <span className="muted">{code}</span> <span className="muted">{say('health.since')}</span>{' '}
              <When at={since} />
              <p>{text}</p>
            </div>
          </li>
        ))}
      </Part>
      <Checks checks={checks} isNoBackup={data.database && data.lastBackup === null} />
      <section className="section-open">
        <div className={`panel section ${css.line}`}>
          <span>
            {quarantine === null ? say('health.quarantine.unknown') : say('health.quarantine', { count: quarantine })}
          </span>
          {quarantine === 0 || quarantine === null ? null : (
            <Button component={Link} to="/admin/quarantine" size="xs" variant="default">
              {say('health.quarantine.go')}
            </Button>
          )}
        </div>
      </section>
      <Part title={say('health.undelivered')} none={say('health.undelivered.none')} count={undelivered?.length ?? null}>
        {undelivered?.map(({ id, type, alert, channel, attempts, lastError, givenUpAt }) => (
          <Waiting
            key={id}
            path={`/undelivered/${segment(id)}`}
            again={{ verb: 'send-again', name: say('health.sendAgain') }}
          >
            <Link to={`/alerts/${encodeURIComponent(alert)}`}>
              {say('health.undelivered.what', { type, channel, attempts })}
            </Link>{' '}
            <span className="muted">
              <When at={givenUpAt} />
            </span>
            <p>{lastError}</p>
          </Waiting>
        ))}
      </Part>
      <EndedSubscriptions subscriptions={subscriptions} />
      <Part title={say('health.dead')} none={say('health.dead.none')} count={dead?.length ?? null}>
        {dead?.map(({ id, kind, source, consumer, reason, at, canReplay }) => (
          <Waiting
            key={id}
            path={`/dead-records/${id}`}
            again={canReplay ? { verb: 'replay', name: say('health.replay') } : null}
          >
            <b>{say('health.dead.what', { kind, source, consumer })}</b>{' '}
            <span className="muted">
              <When at={at} />
            </span>
            <p>{reason}</p>
          </Waiting>
        ))}
      </Part>
      <Gateways gateways={gateways} />
      <Machine health={data} />
    </>
  );
}

/** Each thing that is watched: how it stands, since when, and what to do. */
function Checks({ checks, isNoBackup }: { checks: readonly HealthCheckView[]; isNoBackup: boolean }) {
  return (
    <section className="section-open">
      <h2>{say('health.checks')}</h2>
      <ul className={`panel ${css.waitingList}`}>
        {checks.map(({ subject, state, since, count, names }) => (
          <li key={subject} className={css.waiting}>
            <div>
              <b>{say(`health.check.${subject}`)}</b>{' '}
              <span className={INK[state]}>
                {subject === 'backup' && state === 'unknown' && isNoBackup
                  ? say('health.backup.none')
                  : say(`health.check.state.${state}`, { count })}
              </span>{' '}
              {since === null ? null : (
                <span className="muted">
                  {say('health.since')} <When at={since} />
                </span>
              )}
              {names.length === 0 ? null : (
                <p>
                  {names.join(', ')}
                  {count > names.length ? ` ${say('health.check.more', { count: count - names.length })}` : ''}
                </p>
              )}
              {state === 'trouble' || (subject === 'backup' && isNoBackup) ? (
                <p className="muted">{say(`health.check.do.${subject}`)}</p>
              ) : null}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Nothing is green: that no trouble is known is not that somebody looked. */
const INK = { trouble: 'trouble', nothing: 'muted', unknown: 'ink-warning' } as const;

interface PartProps {
  readonly title: string;
  readonly none: string;
  /** null = not known. */
  readonly count: number | null;
  readonly children: ReactNode;
}

function Part({ title, none, count, children }: PartProps) {
  return (
    <section className="section-open">
      <h2>{title}</h2>
      {count === null ? <p className="ink-warning">{say('health.notKnown')}</p> : null}
      {count === 0 ? <p className="muted">{none}</p> : null}
      {count !== null && count > 0 ? <ul className={`panel ${css.waitingList}`}>{children}</ul> : null}
    </section>
  );
}

/** Partners that are told no more. */
function EndedSubscriptions({ subscriptions }: Pick<HealthView, 'subscriptions'>) {
  const maySubscribe = useMay('events.subscribe');
  return (
    <Part
      title={say('health.subscriptions')}
      none={say('health.subscriptions.none')}
      count={subscriptions?.length ?? null}
    >
      {subscriptions?.map(({ id, query, dest, by, endedAt, because, lastNotifiedAt }) => (
        <Waiting
          key={id}
          path={`/ended-subscriptions/${segment(id)}`}
          again={maySubscribe ? { verb: 'resume', name: say('health.subscriptions.resume') } : null}
        >
          <b>{say('health.subscriptions.what', { dest, query })}</b>{' '}
          <span className="muted">
            {say('health.since')} <When at={endedAt} />
          </span>
          <p>{because}</p>
          <p className="muted">
            {say('health.subscriptions.by', { by })}{' '}
            {lastNotifiedAt === null ? (
              say('health.subscriptions.never')
            ) : (
              <>
                {say('health.subscriptions.last')} <When at={lastNotifiedAt} />
              </>
            )}
          </p>
        </Waiting>
      ))}
    </Part>
  );
}

interface WaitingProps {
  readonly path: string;
  readonly again: { readonly verb: string; readonly name: string } | null;
  readonly children: ReactNode;
}

/** Something that waits: done once more, or done without for a reason. */
function Waiting({ path, again, children }: WaitingProps) {
  const settle = useSettle();
  const [reason, setReason] = useState<string | null>(null);
  return (
    <li className={css.waiting}>
      <div>{children}</div>
      {reason === null ? (
        <span className="buttons">
          {again === null ? null : (
            <Button
              size="xs"
              loading={settle.isPending}
              onClick={() => settle.mutate({ path: `${path}/${again.verb}` })}
            >
              {again.name}
            </Button>
          )}
          <Button size="xs" variant="default" onClick={() => setReason('')}>
            {say('health.discard')}
          </Button>
        </span>
      ) : (
        <form
          className={css.decide}
          onSubmit={(event) => {
            event.preventDefault();
            settle.mutate({ path: `${path}/discard`, reason });
          }}
        >
          <Field
            label={say('health.discard.why')}
            required
            minLength={3}
            autoFocus
            value={reason}
            onChange={setReason}
          />
          <span className="buttons">
            <Button type="submit" size="xs" color="red" loading={settle.isPending}>
              {say('health.discard.do')}
            </Button>
            <Button size="xs" variant="subtle" color="gray" onClick={() => setReason(null)}>
              {say('admin.cancel')}
            </Button>
          </span>
        </form>
      )}
      <Trouble error={settle.error} />
    </li>
  );
}

function Gateways({ gateways }: { gateways: readonly GatewayHeardView[] }) {
  return (
    <section className="section-open">
      <h2>{say('health.gateways')}</h2>
      {gateways.length === 0 ? (
        <p className="muted">
          {say('health.gateways.none')}. {say('health.gateways.none.hint')}
        </p>
      ) : (
        <ul className={`panel ${css.waitingList}`}>
          {gateways.map(({ id, state, at, pending, readers, ...doors }) => (
            <li key={id} className={css.waiting}>
              <div>
                <b>{id}</b>{' '}
                <span className={state === 'online' ? 'muted' : 'trouble'}>{say(`health.gateway.${state}`)}</span>{' '}
                <span className="muted">
                  <When at={at} />
                </span>
                {pending === 0 ? null : <p className="muted">{say('health.gateway.pending', { count: pending })}</p>}
                <DoorManifest {...doors} />
                {readers.map((reader) => (
                  <div key={reader.id} className={css.reader}>
                    <p>
                      {reader.id}{' '}
                      <span className={reader.state === 'reading' ? 'muted' : 'trouble'}>
                        {reader.state === 'reading' ? say('health.reader.reading') : (reader.reason ?? reader.state)}
                      </span>
                    </p>
                    <ReaderTest reader={reader.id} />
                  </div>
                ))}
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** How right its doors would be if the line were cut now. */
function DoorManifest({ manifest, manifestRefused }: Pick<GatewayHeardView, 'manifest' | 'manifestRefused'>) {
  return (
    <>
      {manifest === null ? (
        <p className="muted">{say('health.gateway.manifest.none')}</p>
      ) : (
        <p className="muted">
          <Say
            text="health.gateway.manifest"
            values={{
              ...{ version: manifest.version, things: manifest.things, shipments: manifest.shipments },
              when: <When at={manifest.confirmedAt} />,
            }}
          />
        </p>
      )}
      {manifest?.isOld === true ? <p className="trouble">{say('health.gateway.manifest.old')}</p> : null}
      {manifest?.left == null ? null : (
        <p className="trouble">{say('health.gateway.manifest.left', { shipments: manifest.left.shipments })}</p>
      )}
      {manifestRefused === null ? null : (
        <p className="trouble">{say('health.gateway.manifest.refused', { code: manifestRefused })}</p>
      )}
    </>
  );
}

function Machine({ health }: { health: HealthView }) {
  const { consumers, certificates, databaseBytes, disk, lastBackup, logBytes } = health;
  const unknown = say('health.unknown');
  return (
    <div className="columns">
      <section className="panel section">
        <h2>{say('health.machine')}</h2>
        <dl className={css.facts}>
          <dt>{say('health.disk')}</dt>
          <dd>
            {disk === null
              ? unknown
              : say('health.disk.of', { free: sizeText(disk.free), total: sizeText(disk.total) })}
          </dd>
          <dt>{say('health.database')}</dt>
          <dd>{databaseBytes === null ? unknown : sizeText(databaseBytes)}</dd>
          <dt>{say('health.log')}</dt>
          <dd>{logBytes === null ? unknown : sizeText(logBytes)}</dd>
          <dt>{say('health.backup')}</dt>
          <dd>
            {lastBackup === null ? health.database ? say('health.backup.none') : unknown : <When at={lastBackup} />}
          </dd>
          {certificates.map(({ door, ends }) => (
            <div key={door}>
              <dt>{say('health.certificate', { door })}</dt>
              <dd>
                {say('health.certificate.ends')} <When at={ends} />
              </dd>
            </div>
          ))}
        </dl>
      </section>
      <section className="panel section">
        <h2>{say('health.consumers')}</h2>
        {consumers.length === 0 ? (
          <p className="ink-warning">{unknown}</p>
        ) : (
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{say('health.consumer')}</th>
                <th scope="col" className="right">
                  {say('health.waiting')}
                </th>
              </tr>
            </thead>
            <tbody>
              {consumers.map(({ consumer, waiting, detached }) => (
                <tr key={consumer}>
                  <td>
                    {consumer} {detached ? <span className="trouble">{say('health.detached')}</span> : null}
                  </td>
                  <td className="right figure">{waiting}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </div>
  );
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes as people say them, in powers of a thousand. */
function sizeText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${UNITS[power]}`;
}
