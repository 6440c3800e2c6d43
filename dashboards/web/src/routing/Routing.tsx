import { useState } from 'react';
import type { RoutingView } from '../../../api/index.ts';
import { AdminPage } from '../admin/AdminPage.tsx';
import css from '../admin/admin.module.css';
import { Failed, Loading } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { OnCallNow } from './OnCallNow.tsx';
import { PeopleTold } from './PeopleTold.tsx';
import { RoutingEditor } from './RoutingEditor.tsx';
import { RoutingTrial } from './RoutingTrial.tsx';
import { RoutingVersions } from './RoutingVersions.tsx';
import { useRouting, useSaveRouting } from './routing-queries.ts';

/** Who is told of alerts: who is on call, who would be told of an alert, and the routing as it is written. */
export function Routing() {
  return (
    <AdminPage text="routing.title" permission="alert.handle">
      <p className={css.lead}>{say('routing.lead')}</p>
      <Shown />
    </AdminPage>
  );
}

function Shown() {
  const { data, error, isPending, refetch } = useRouting();
  const save = useSaveRouting();
  if (isPending) return <Loading rows={6} height={64} />;
  if (data === undefined)
    return <Failed error={error ?? new Error('')} what={say('routing.title')} onRetry={() => void refetch()} />;
  // A new version starts the editor over.
  return <Workbench key={data.version} routing={data} save={save} />;
}

/** What is being written stands here: it is tried, shown as a change, and saved. */
function Workbench({ routing, save }: { routing: RoutingView; save: ReturnType<typeof useSaveRouting> }) {
  const inForce = routing.text ?? START;
  const [text, setText] = useState(inForce);
  const [reason, setReason] = useState('');
  const isDraft = routing.text === null ? text !== START : text !== routing.text;
  return (
    <>
      <Source routing={routing} />
      <OnCallNow routing={routing} />
      <PeopleTold routing={routing} />
      <RoutingTrial draft={isDraft ? text : null} />
      <RoutingEditor
        routing={routing}
        save={save}
        draft={{ text, reason, isDraft }}
        onText={setText}
        onReason={setReason}
        onReset={() => setText(inForce)}
      />
      <RoutingVersions
        routing={routing}
        onTakeBack={(version, before) => {
          setText(before);
          setReason(say('routing.takeBack.reason', { version }));
        }}
      />
    </>
  );
}

function Source({ routing: { source, file, problems } }: { routing: RoutingView }) {
  return (
    <>
      <p>{source === 'file' ? say('routing.source.file', { file: file ?? '' }) : say(`routing.source.${source}`)}</p>
      {problems.length === 0 ? null : (
        <ul className="trouble" role="alert">
          {problems.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </>
  );
}

/** What stands in the editor where there is no routing yet: names to be replaced, and every part once. */
const START = `people:
  anna:
    zone: Europe/Berlin
    notify: { critical: [CHANNEL], warning: [CHANNEL] }
    quiet: [{ from: "22:00", to: "06:00" }]
route:
  name: all
  to: [{ person: anna }]
  escalation:
    - { after: 15m, to: [{ channel: CHANNEL }] }
  repeat: 1h
`;
