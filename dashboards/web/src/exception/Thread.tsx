import type { ExceptionEntryView } from '../../../api/index.ts';
import { WhenExact } from '../parts/When.tsx';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import css from './exception.module.css';

interface ThreadProps {
  readonly entries: readonly ExceptionEntryView[];
  /** Names who the other side is; null where that side looks. */
  readonly partner: string | null;
  /** Where the file of an entry is had. */
  readonly fileOf: (entry: number) => string;
}

/** What both sides said, the first first; nobody changes it. */
export function Thread({ entries, partner, fileOf }: ThreadProps) {
  return (
    <section className="panel section" aria-labelledby="thread">
      <h2 id="thread">{say('exception.thread')}</h2>
      <ol className={css.thread}>
        {entries.map(({ number, side, author, at, text, answer, file }) => (
          <li key={number} className={`${css.entry} ${side === 'theirs' ? css.theirs : ''}`}>
            <div className="muted">
              <Say
                text={side === 'theirs' && partner !== null ? 'exception.said.theirs' : 'exception.said'}
                values={{ author, partner: partner ?? '', at: <WhenExact at={at} /> }}
              />{' '}
              {answer === null ? null : <b className="tag">{say(`exception.answer.${answer}`)}</b>}
            </div>
            <p>{text}</p>
            {file === null ? null : (
              <a href={fileOf(number)} download={file.name}>
                {say('exception.file', { name: file.name })}
              </a>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
