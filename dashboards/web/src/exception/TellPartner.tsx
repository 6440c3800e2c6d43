import { Link } from 'react-router';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import css from './exception.module.css';

/** Leads to what would be told to a partner of this; nothing to who may not. */
export function TellPartner({ of, name }: { of: Readonly<Record<string, string>>; name: string }) {
  if (!useMay('exception.handle')) return null;
  return (
    <Link
      className={css.tell}
      to={`/admin/exceptions?${new URLSearchParams(of)}`}
      aria-label={say('exceptions.tell.of', { name })}
    >
      {say('exceptions.tell')}
    </Link>
  );
}
