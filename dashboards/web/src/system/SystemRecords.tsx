import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { SystemDocumentView, SystemFileView, SystemMessageView, SystemView } from '../../../api/index.ts';
import css from '../admin/admin.module.css';
import { segment } from '../ask.ts';
import { Failed, Loading, Trouble } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import { useAgain, useSystemRecords } from './system-queries.ts';

/** What came from a system, what is in force of it, and what it was told. */
export function SystemRecords({ system: { id, name, webhook } }: { system: SystemView }) {
  const { files, documents, messages } = useSystemRecords(id);
  return (
    <>
      <Records title={say('systems.files', { name })} list={files} empty={say('systems.files.empty')}>
        {(file) => <FileRow key={file.id} system={id} file={file} />}
      </Records>
      <Records title={say('systems.documents', { name })} list={documents} empty={say('systems.documents.empty')}>
        {(one) => <DocumentRow key={one.id} of={one} />}
      </Records>
      {webhook === null ? null : (
        <Records title={say('systems.messages', { name })} list={messages} empty={say('systems.messages.empty')}>
          {(one) => <MessageRow key={one.id} system={id} of={one} />}
        </Records>
      )}
    </>
  );
}

interface RecordsProps<T> {
  readonly title: string;
  readonly empty: string;
  readonly list: {
    readonly data: { readonly items: readonly T[] } | undefined;
    readonly error: Error | null;
    readonly isPending: boolean;
    readonly refetch: () => unknown;
  };
  readonly children: (item: T) => ReactNode;
}

function Records<T>({ title, empty, list: { data, error, isPending, refetch }, children }: RecordsProps<T>) {
  return (
    <section className="section-open">
      <h2>{title}</h2>
      {isPending ? (
        <Loading rows={2} height={44} />
      ) : data === undefined ? (
        <Failed error={error ?? new Error('')} what={title} onRetry={() => void refetch()} />
      ) : data.items.length === 0 ? (
        <p className="muted">{empty}</p>
      ) : (
        <div className="panel scroll">
          <table className={`table cards ${css.table}`}>
            <tbody>{data.items.map(children)}</tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function FileRow({ system, file }: { system: string; file: SystemFileView }) {
  const { id, name, at, fate, form, reason, contentGoneAt } = file;
  const again = useAgain(system);
  return (
    <tr>
      <td>
        {contentGoneAt === null ? (
          <a href={`/api/v1/erp/systems/${segment(system)}/files/${id}`} download>
            {name}
          </a>
        ) : (
          <>
            {name}{' '}
            <span className="muted">
              ({say('partner.file.gone')}, <When at={contentGoneAt} />)
            </span>
          </>
        )}{' '}
        <span className="muted">{form}</span>
      </td>
      <td>
        <When at={at} />
      </td>
      <td className={fate === 'refused' ? 'trouble' : undefined}>
        {say(`systems.fate.${fate}`)}
        {reason === null ? null : <div>{reason}</div>}
      </td>
      <td>
        {contentGoneAt === null && (fate === 'refused' || fate === 'waiting') ? (
          <Button
            variant="default"
            size="xs"
            loading={again.isPending}
            aria-label={say('systems.again.of', { name })}
            onClick={() => again.mutate(`files/${id}`)}
          >
            {say('systems.again')}
          </Button>
        ) : null}
        <Trouble error={again.error} />
      </td>
    </tr>
  );
}

function DocumentRow({
  of: { kind, number, at, subject, note, lines, quantity, revisions },
}: {
  of: SystemDocumentView;
}) {
  const [what = '', id = ''] =
    subject === null ? [] : [subject.slice(0, subject.indexOf(':')), subject.slice(subject.indexOf(':') + 1)];
  const title = say('systems.document', { kind, number });
  return (
    <tr>
      <td>{what === 'shipment' ? <Link to={`/shipments/${segment(id)}`}>{title}</Link> : title}</td>
      <td>
        <When at={at} />
      </td>
      <td>
        {lines === 0 ? null : say('systems.lines', { lines, quantity })}
        {note === null ? null : <div className="trouble">{note}</div>}
      </td>
      <td>{revisions > 1 ? say('systems.revisions', { revisions }) : null}</td>
    </tr>
  );
}

function MessageRow({ system, of }: { system: string; of: SystemMessageView }) {
  const { id, subject, revision, createdAt, deliveredAt, givenUpAt, attempts, lastError } = of;
  const again = useAgain(system);
  const state = deliveredAt !== null ? 'delivered' : givenUpAt !== null ? 'given-up' : 'waiting';
  return (
    <tr>
      <td>
        {subject.slice(subject.indexOf(':') + 1)}{' '}
        <span className="muted">{say('systems.revision.of', { revision })}</span>
      </td>
      <td>
        <When at={createdAt} />
      </td>
      <td className={state === 'given-up' ? 'trouble' : undefined}>
        {say(`systems.message.${state}`, { attempts })}
        {lastError === null ? null : <div>{lastError}</div>}
      </td>
      <td>
        {state === 'given-up' ? (
          <Button
            variant="default"
            size="xs"
            loading={again.isPending}
            aria-label={say('systems.again.of', { name: subject })}
            onClick={() => again.mutate(`messages/${segment(id)}`)}
          >
            {say('systems.again')}
          </Button>
        ) : null}
        <Trouble error={again.error} />
      </td>
    </tr>
  );
}
