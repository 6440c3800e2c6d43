import { useRef } from 'react';
import type { RoutingView } from '../../../api/index.ts';
import { AdminPage } from '../admin/AdminPage.tsx';
import css from '../admin/admin.module.css';
import { Failed, Loading } from '../parts/States.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { DraftBar } from './DraftBar.tsx';
import { OnCall } from './OnCall.tsx';
import { PeopleTold } from './PeopleTold.tsx';
import { RoutingEditor, showLine } from './RoutingEditor.tsx';
import { RoutingTrial } from './RoutingTrial.tsx';
import { RoutingVersions } from './RoutingVersions.tsx';
import { useRoutingDraft } from './routing-draft.ts';
import { useRouting, useSaveRouting } from './routing-queries.ts';
import { TeamsAndSchedules } from './TeamsAndSchedules.tsx';

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

/** What is being written stands here, by forms or by hand: it is tried, shown as a change, and saved. */
function Workbench({ routing, save }: { routing: RoutingView; save: ReturnType<typeof useSaveRouting> }) {
  const draft = useRoutingDraft(routing, START);
  const area = useRef<HTMLTextAreaElement>(null);
  const isAllowed = useMay('routing.change');
  const isEditable = isAllowed && routing.source !== 'file';
  return (
    <>
      <Source routing={routing} />
      <OnCall draft={draft} isEditable={isEditable} />
      <PeopleTold routing={routing} draft={draft} isEditable={isEditable} />
      <TeamsAndSchedules draft={draft} isEditable={isEditable} />
      <RoutingTrial draft={draft.isDraft ? draft.text : null} />
      <RoutingEditor
        {...{ routing, draft, isEditable, area }}
        isRefused={save.error !== null}
        onText={(text) => {
          draft.setText(text);
          save.reset();
        }}
      />
      {isEditable ? (
        <DraftBar {...{ routing, draft, save }} onRefused={(error) => showLine(area.current, draft.text, error)} />
      ) : null}
      <RoutingVersions
        routing={routing}
        onTakeBack={(version, before) => {
          draft.setText(before);
          draft.setReason(say('routing.takeBack.reason', { version }));
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
