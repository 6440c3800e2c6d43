import { useEffect } from 'react';
import { Link, useParams } from 'react-router';
import { AnswerError } from '../ask.ts';
import { LiveProvider } from '../live/Live.tsx';
import { useSession } from '../sign-in/session-queries.ts';
import { DockScreen } from './DockScreen.tsx';
import css from './dock.module.css';
import { useDoor } from './dock-queries.ts';
import { LanguageProvider, useWords } from './language.tsx';
import { forgetPage, keepPage } from './offline-page.ts';
import { Pairing } from './Pairing.tsx';

/** `/dock/{portal}`: the screen that hangs at a door. It has no menu: it does one thing. */
export function DockPage() {
  return (
    <LanguageProvider>
      <Admitted />
    </LanguageProvider>
  );
}

function Admitted() {
  const { say } = useWords();
  const { data: session, isPending } = useSession();
  const { portal = '' } = useParams();
  useEffect(() => {
    if (session === null) void forgetPage();
  }, [session]);
  if (isPending) return <Waiting text={say('loading')} />;
  if (session === undefined) return <Waiting text={say('away')} />;
  if (session === null) return <Pairing />;
  if (session.user.door !== undefined && session.user.door !== portal) return <OtherDoor door={session.user.door} />;
  return (
    <LiveProvider>
      <Door />
    </LiveProvider>
  );
}

function Door() {
  const { portal = '' } = useParams();
  const { say } = useWords();
  const { data: door, error } = useDoor(portal);
  const id = door?.id;
  useEffect(() => {
    // A screen that cannot be kept works all the same, as long as it is not reloaded without a network.
    if (id !== undefined) void keepPage(id).catch(() => {});
  }, [id]);
  if (door !== undefined) return <DockScreen door={door} />;
  if (error === null) return <Waiting text={say('loading')} />;
  const isRefused = error instanceof AnswerError && error.status < 500;
  return <Waiting text={isRefused ? say('unknown', { door: portal }) : say('away')} />;
}

/** A screen that was carried to another door. */
function OtherDoor({ door }: { door: string }) {
  const { say } = useWords();
  return (
    <main className={css.screen}>
      <div className={`${css.sheet} ${css.form}`}>
        <h1>{say('other.door', { door })}</h1>
        <Link className={css.button ?? ''} to={`/dock/${encodeURIComponent(door)}`}>
          {say('other.go')}
        </Link>
      </div>
    </main>
  );
}

function Waiting({ text }: { text: string }) {
  return (
    <main className={css.screen}>
      <h1 className={css.waiting}>{text}</h1>
    </main>
  );
}
