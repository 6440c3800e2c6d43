import { Button, NativeSelect } from '@mantine/core';
import { useDeferredValue, useState } from 'react';
import { Link } from 'react-router';
import type { PartnerFileView } from '../../../api/index.ts';
import { Pages } from '../admin/Pages.tsx';
import { segment } from '../ask.ts';
import { TellPartner } from '../exception/TellPartner.tsx';
import { Field } from '../parts/Field.tsx';
import { Trouble } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import css from './partner.module.css';
import { usePartnerFiles, useTakeAgain } from './partner-queries.ts';
import { bytesText } from './quota.ts';

const FATES = ['asked', 'refused', 'waiting', 'taken', 'repeated', 'given'] as const;

/** Every file to and from a partner, with what became of it; a refused one is tried again, one that is asked about is granted. */
export function PartnerFiles({ partner, mayChange }: { partner: string; mayChange: boolean }) {
  const [text, setText] = useState('');
  const [fate, setFate] = useState('');
  const query = usePartnerFiles(partner, useDeferredValue({ text: text.trim(), fate }));
  const isFiltered = text.trim() !== '' || fate !== '';
  return (
    <section className={`section-open ${css.part}`} aria-labelledby="files">
      <h2 id="files">{say('partner.files')}</h2>
      <div className={css.form}>
        <Field label={say('partner.files.find')} maxLength={200} value={text} onChange={setText} />
        <NativeSelect
          label={say('partner.files.fate')}
          value={fate}
          data={[
            { value: '', label: say('partner.files.all') },
            ...FATES.map((value) => ({ value, label: say(`partner.fate.${value}`) })),
          ]}
          onChange={(event) => setFate(event.currentTarget.value)}
        />
      </div>
      <Pages
        query={query}
        name={say('partner.files')}
        empty={say(isFiltered ? 'partner.files.nothing' : 'partner.files.empty')}
        {...(!isFiltered && { emptyHint: say('partner.files.empty.hint') })}
      >
        {(files: readonly PartnerFileView[]) => (
          <table className="table cards">
            <thead>
              <tr>
                <th scope="col">{say('partner.file.name')}</th>
                <th scope="col">{say('partner.file.fate')}</th>
                <th scope="col">{say('partner.file.at')}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {files.map((file) => (
                <Row key={file.id} partner={partner} file={file} mayChange={mayChange} />
              ))}
            </tbody>
          </table>
        )}
      </Pages>
    </section>
  );
}

function Row({ partner, file, mayChange }: { partner: string; file: PartnerFileView; mayChange: boolean }) {
  const again = useTakeAgain(partner);
  const { id, name, bytes, sha256, fate, reason, subject, events, repeats, at, by, direction, via, contentGoneAt } =
    file;
  const isAsked = fate === 'asked';
  const isOpen = contentGoneAt === null && (fate === 'refused' || fate === 'waiting' || isAsked);
  return (
    <tr>
      <td>
        {contentGoneAt === null ? (
          <a href={`/api/v1/partners/${segment(partner)}/files/${id}`} download={name}>
            {name}
          </a>
        ) : (
          <div>
            {name}{' '}
            <span className="muted">
              ({say('partner.file.gone')}, <When at={contentGoneAt} />)
            </span>
          </div>
        )}
        <div className="muted">
          {say(direction === 'in' ? 'partner.file.in' : 'partner.file.out', { via: say(`partner.via.${via}`) })},{' '}
          {bytesText(bytes)}
        </div>
        <details className={css.hash}>
          <summary>{say('partner.file.hash', { start: sha256.slice(0, 12) })}</summary>
          <code className={css.print}>{sha256}</code>
        </details>
      </td>
      <td data-label={say('partner.file.fate')}>
        <div>
          <b className={fate === 'refused' || isAsked ? 'trouble' : undefined}>{say(`partner.fate.${fate}`)}</b>
          {reason === null ? null : <div className={css.reason}>{reason}</div>}
          {subject === null || direction === 'out' ? null : (
            <div className="muted">
              {isAsked ? (
                <Link to={`/cases/${subject.replace('case:', '')}`}>{say('partner.file.case')}</Link>
              ) : (
                subject
              )}
              {events === 0 ? null : `, ${say('partner.file.events', { events })}`}
            </div>
          )}
          {repeats === null ? null : <div className="muted">{say('partner.file.repeats', { file: repeats })}</div>}
        </div>
      </td>
      <td data-label={say('partner.file.at')}>
        <div>
          <When at={at} /> <span className="muted">{by}</span>
        </div>
      </td>
      <td>
        {mayChange && isOpen ? (
          <Button
            variant="default"
            size="xs"
            loading={again.isPending}
            aria-label={say(isAsked ? 'partner.file.grant.of' : 'partner.file.again.of', { name })}
            onClick={() => again.mutate(id)}
          >
            {say(isAsked ? 'partner.file.grant' : 'partner.file.again')}
          </Button>
        ) : null}
        {isAsked || fate === 'refused' ? <TellPartner of={{ file: String(id), partner }} name={name} /> : null}
        <Trouble error={again.error} />
      </td>
    </tr>
  );
}
