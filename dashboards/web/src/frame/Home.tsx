import { Navigate } from 'react-router';
import type { Role } from '../../../../domain/index.ts';
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

/** Everyone starts where their work is. */
export function Home() {
  const { data: session } = useSession();
  return session == null ? null : <Navigate to={FIRST_SCREEN[session.user.role] ?? '/shipments'} replace />;
}

export function Lost() {
  useTitle(say('frame.noSuchPage'));
  return (
    <Nothing level="h1" title={say('frame.thereIsNoSuchPage')}>
      {say('frame.useTheMenuOrSearch')}
    </Nothing>
  );
}
