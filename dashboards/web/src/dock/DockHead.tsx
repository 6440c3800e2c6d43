import type { PortalView } from '../../../api/index.ts';
import { DOCK_LANGUAGES, type DockLanguage } from '../text/dock/index.ts';
import css from './dock.module.css';
import { useWords } from './language.tsx';
import type { Sound } from './sound.ts';
import type { Who } from './who.tsx';

/** Which door, what time, and the few things that can be set. */
export function DockHead(given: { door: PortalView; sound: Sound; time: string; who: Who; onHistory: () => void }) {
  const { door, sound, time, who, onHistory } = given;
  const { say } = useWords();
  return (
    <header className={css.head}>
      <div>
        <h1>{door.name}</h1>
        <p>
          {door.site.name} · <span className="figure">{time}</span>
        </p>
      </div>
      <span className="spring" />
      {who.isSaid && who.name !== null ? (
        <button type="button" className={css.button} onClick={() => who.say(null)}>
          {who.name}: {say('who.change')}
        </button>
      ) : null}
      <button type="button" className={css.button} onClick={onHistory}>
        {say('do.history')}
      </button>
      <button
        type="button"
        className={`${css.button} ${sound.needsTouch ? css.wanted : ''}`}
        // The touch itself wakes it: the button must not mute at once what it has just switched on.
        onClick={sound.needsTouch ? undefined : sound.toggle}
        aria-pressed={sound.isOn}
      >
        {sound.needsTouch ? say('sound.touch') : say(sound.isOn ? 'sound.on' : 'sound.off')}
      </button>
      <LanguageChoice />
    </header>
  );
}

export function LanguageChoice() {
  const { say, language, choose } = useWords();
  return (
    <select
      className={css.button}
      aria-label={say('language')}
      value={language}
      onChange={(event) => choose(event.currentTarget.value as DockLanguage)}
    >
      {Object.entries(DOCK_LANGUAGES).map(([id, { name }]) => (
        <option key={id} value={id} lang={id}>
          {name}
        </option>
      ))}
    </select>
  );
}
