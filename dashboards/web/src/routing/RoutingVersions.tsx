import { Button } from '@mantine/core';
import { useState } from 'react';
import type { RoutingVersionView, RoutingView } from '../../../api/index.ts';
import { Loading, Trouble } from '../parts/States.tsx';
import { WhenExact } from '../parts/When.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { Diff } from './Diff.tsx';
import { useRoutingVersion } from './routing-queries.ts';

interface RoutingVersionsProps {
  readonly routing: RoutingView;
  /** Puts what an earlier version said into the editor. */
  readonly onTakeBack: (version: number, text: string) => void;
}

/** Every version there was: who wrote it, when and why, what it changed; an earlier one can be taken back. */
export function RoutingVersions({ routing, onTakeBack }: RoutingVersionsProps) {
  const { versions } = routing;
  if (versions.length === 0) return null;
  return (
    <section className="panel section" aria-labelledby="versions">
      <h2 id="versions">{say('routing.versions')}</h2>
      <ol className="history">
        {versions.map((version) => (
          <Version key={version.version} version={version} routing={routing} onTakeBack={onTakeBack} />
        ))}
      </ol>
    </section>
  );
}

function Version({ version, routing, onTakeBack }: RoutingVersionsProps & { version: RoutingVersionView }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <li>
      <Say
        text="routing.version"
        values={{
          b: <b>{say('routing.version.number', { version: version.version })}</b>,
          author: version.author,
          when: <WhenExact at={version.at} />,
        }}
      />
      <div className="muted">{version.reason}</div>
      <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary>{say('routing.version.show')}</summary>
        {isOpen ? <Shown version={version.version} routing={routing} onTakeBack={onTakeBack} /> : null}
      </details>
    </li>
  );
}

function Shown({ version, routing, onTakeBack }: RoutingVersionsProps & { version: number }) {
  const isAllowed = useMay('routing.change');
  const isFirst = version <= 1;
  const own = useRoutingVersion(version);
  const before = useRoutingVersion(isFirst ? null : version - 1);
  if (own.isPending || (!isFirst && before.isPending)) return <Loading rows={2} height={40} />;
  const text = own.data?.text;
  if (text === undefined) return <Trouble error={own.error} />;
  return (
    <>
      <Diff before={before.data?.text ?? ''} after={text} />
      {isAllowed && routing.source !== 'file' && version !== routing.version ? (
        <Button variant="default" size="xs" onClick={() => onTakeBack(version, text)}>
          {say('routing.takeBack')}
        </Button>
      ) : null}
    </>
  );
}
