import { useCallback, useState } from 'react';
import { useSession } from '../sign-in/session-queries.ts';
import css from './dock.module.css';
import { useWords } from './language.tsx';

const KEPT = 'isotherm-dock-who';
/** A shift: whoever comes after says who he is. */
const SHIFT_MS = 10 * 3_600_000;

export interface Who {
  /** Who acts; null: a screen does not know yet. */
  readonly name: string | null;
  /** Nobody is signed in here but the screen: it says in each action who acts. */
  readonly isSaid: boolean;
  readonly say: (name: string | null) => void;
}

/** Who acts at this screen: whoever is signed in, or, at a screen with a token of its own, who said so this shift. */
export function useWho(): Who {
  const user = useSession().data?.user;
  const [said, setSaid] = useState<string | null>(keptName);
  const isSaid = user?.door !== undefined;
  const say = useCallback((name: string | null) => {
    if (name === null) localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, JSON.stringify({ name, at: Date.now() }));
    setSaid(name);
  }, []);
  return { name: isSaid ? said : (user?.name ?? null), isSaid, say };
}

function keptName(): string | null {
  const kept = JSON.parse(localStorage.getItem(KEPT) ?? 'null') as { name: string; at: number } | null;
  return kept !== null && Math.abs(Date.now() - kept.at) < SHIFT_MS ? kept.name : null;
}

/** Asks for a name, typed or scanned from a badge. */
export function WhoForm({ onName, onCancel }: { onName: (name: string) => void; onCancel: () => void }) {
  const { say } = useWords();
  const [name, setName] = useState('');
  return (
    <form
      className={`${css.sheet} ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') onName(name.trim());
      }}
    >
      <h2>{say('who.title')}</h2>
      <label>
        {say('who.name')}
        <input
          className={css.field}
          // biome-ignore lint/a11y/noAutofocus: asked for by the person's own touch, and a badge is scanned into it
          autoFocus
          value={name}
          required
          maxLength={100}
          autoComplete="off"
          onChange={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <div className={css.actions}>
        <button type="submit" className={`${css.button} ${css.main}`} disabled={name.trim() === ''}>
          {say('who.go')}
        </button>
        <button type="button" className={css.button} onClick={onCancel}>
          {say('do.cancel')}
        </button>
      </div>
    </form>
  );
}
