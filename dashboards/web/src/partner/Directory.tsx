import { TextInput } from '@mantine/core';
import { useState } from 'react';
import css from '../admin/admin.module.css';
import { fileText } from '../announce/file-text.ts';
import { Confirm } from '../parts/Confirm.tsx';
import { ManyLines } from '../parts/ManyLines.tsx';
import { Failed, Loading, Nothing, Trouble } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { directoryLine, directoryLines } from './directory-lines.ts';
import { useDirectory, useEnterDirectory, useRemoveFromDirectory, useShownAgain } from './directory-queries.ts';

/** More are looked for: a table of thousands stands still. */
const SHOWN = 100;

/** Who is asked about a returned pack: by product, or by the company that made it. */
export function Directory() {
  const mayChange = useMay('partner.change');
  const enter = useEnterDirectory();
  const showAgain = useShownAgain();
  return (
    <section className="section-open" aria-labelledby="directory">
      <h2 id="directory">{say('directory.title')}</h2>
      <p className={`${css.lead} ${css.purpose}`}>{say('directory.lead')}</p>
      <Entries mayChange={mayChange} />
      {mayChange ? (
        <ManyLines
          label={say('directory.lines')}
          action={say('directory.enter')}
          told={({ done, all }) => say('directory.progress', { done, all })}
          onLine={async (line) => enter.mutateAsync(directoryLine(line))}
          onEnd={showAgain}
          file={{ label: say('directory.file'), read: async (file) => directoryLines(await fileText(file)) }}
        />
      ) : null}
    </section>
  );
}

function Entries({ mayChange }: { mayChange: boolean }) {
  const { data, error, isPending, refetch } = useDirectory();
  const remove = useRemoveFromDirectory();
  const [sought, setSought] = useState('');
  if (isPending) return <Loading rows={2} height={52} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('directory.title')} onRetry={() => void refetch()} />;
  if (data.items.length === 0) return <Nothing title={say('directory.empty')}>{say('directory.empty.hint')}</Nothing>;
  const words = sought.trim().toLowerCase();
  const found = data.items.filter(({ key, partner, responder }) =>
    `${key} ${partner ?? responder}`.toLowerCase().includes(words),
  );
  return (
    <>
      {data.items.length > SHOWN || words !== '' ? (
        <TextInput
          type="search"
          label={say('directory.find')}
          value={sought}
          onChange={(event) => setSought(event.currentTarget.value)}
        />
      ) : null}
      {found.length === 0 ? <p>{say('directory.found.none')}</p> : null}
      <div className="panel scroll" hidden={found.length === 0}>
        <table className={`table cards ${css.table}`}>
          <thead>
            <tr>
              <th scope="col">{say('directory.key')}</th>
              <th scope="col">{say('directory.who')}</th>
              <th scope="col">{say('directory.changed')}</th>
              {mayChange ? <th scope="col">{say('partners.change')}</th> : null}
            </tr>
          </thead>
          <tbody>
            {found.slice(0, SHOWN).map(({ key, partner, responder, changedAt, changedBy }) => (
              <tr key={key}>
                <td className="figure">{key}</td>
                <td data-label={say('directory.who')}>{partner ?? responder}</td>
                <td data-label={say('directory.changed')}>
                  <span>
                    {changedBy}, <When at={changedAt} />
                  </span>
                </td>
                {mayChange ? (
                  <td>
                    <Confirm
                      name={say('directory.remove', { key })}
                      question={say('directory.remove.sure', { key })}
                      action={say('directory.remove.do')}
                      isPending={remove.isPending}
                      onConfirm={() => remove.mutate(key)}
                    />
                  </td>
                ) : null}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {found.length > SHOWN ? <p className="muted">{say('directory.more', { count: found.length - SHOWN })}</p> : null}
      <Trouble error={remove.error} />
    </>
  );
}
