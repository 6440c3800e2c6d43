import { Navigate } from 'react-router';
import type { Role } from '../../../../domain/index.ts';
import { usePageSettings } from '../parts/PageSettings.tsx';
import { Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { useSession } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';

const FIRST_SCREEN: Readonly<Record<string, string>> & Readonly<Record<Role, string>> = {
  logistics: '/shipments',
  quality: '/alerts',
  dock: '/portals',
  operations: '/alerts',
  admin: '/shipments',
};

/** Everyone starts where their work is, or where they have said. */
export function Home() {
  const { data: session } = useSession();
  const { start } = usePageSettings();
  return session == null ? null : <Navigate to={start ?? FIRST_SCREEN[session.user.role] ?? '/shipments'} replace />;
}

export function Lost() {
  useTitle(say('frame.noSuchPage'));
  return (
    <Nothing level="h1" title={say('frame.thereIsNoSuchPage')}>
      {say('frame.useTheMenuOrSearch')}
    </Nothing>
  );
}
