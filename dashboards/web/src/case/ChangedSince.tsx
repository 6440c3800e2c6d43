import { Button } from '@mantine/core';
import { Trouble } from '../parts/States.tsx';
import { WhenExact } from '../parts/When.tsx';
import { useZone } from '../parts/Zone.tsx';
import { saidText } from '../words/said.ts';
import css from './case.module.css';
import { useCaseChanges } from './case-queries.ts';

/** A form that is open is of an earlier revision: what came since, and the way on with what was typed. */
export function ChangedSince({
  id,
  revision,
  now,
  text,
  again,
  onAgain,
}: {
  id: string;
  /** As it was looked at. */
  revision: number;
  /** As it is. */
  now: number;
  text: string;
  /** On the button. */
  again: string;
  onAgain: () => void;
}) {
  const zone = useZone();
  const { data, error } = useCaseChanges(id, revision, now);
  return (
    <div className="trouble" role="alert">
      <p>{text}</p>
      <Trouble error={error} />
      {data === undefined || data.items.length === 0 ? null : (
        <ul className={css.reasons}>
          {data.items.map((change) => (
            <li key={change.revision}>
              <WhenExact at={change.at} /> {saidText(change.text, zone)}
            </li>
          ))}
        </ul>
      )}
      <Button variant="default" size="xs" onClick={onAgain}>
        {again}
      </Button>
    </div>
  );
}
