import { Button } from '@mantine/core';
import { say, type TextKey } from '../text/say.ts';
import { Dialog } from './Dialog.tsx';
import css from './Inbox.module.css';
import { SHORTCUTS } from './shortcuts.ts';

const KEYS: readonly (readonly [key: string, text: TextKey])[] = [
  ...Object.entries(SHORTCUTS),
  ['Enter', 'inbox.key.open'],
  ['Esc', 'inbox.key.clear'],
];

/** Which key does what, and the switch for whom single letters are in the way. */
export function ShortcutsHelp({
  isOn,
  onToggle,
  onClose,
}: {
  isOn: boolean;
  onToggle: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog title={say('inbox.shortcuts')} onClose={onClose}>
      <p className="muted">{say('inbox.shortcuts.hint')}</p>
      <dl className={css.keys}>
        {KEYS.map(([key, text]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{say(text)}</dd>
          </div>
        ))}
      </dl>
      <div className="buttons">
        <Button onClick={onClose} data-autofocus>
          {say('inbox.close')}
        </Button>
        <Button variant="default" onClick={onToggle}>
          {isOn ? say('inbox.shortcuts.off') : say('inbox.shortcuts.on')}
        </Button>
      </div>
    </Dialog>
  );
}
