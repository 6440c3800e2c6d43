import { Button } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import { copyText, mayCopy } from '../parts/clipboard.ts';
import { say } from '../text/say.ts';
import css from './admin.module.css';

/** Recovery codes, the one time they can be read. */
export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <div className={css.whole} role="status">
      <p>
        <b>{say('factor.codes.title')}</b> {say('factor.codes.hint')}
      </p>
      <ol className={css.codes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <span className="buttons">
        {mayCopy() ? (
          <Button
            variant="default"
            leftSection={isCopied ? <IconCheck size={15} /> : <IconCopy size={15} stroke={1.6} />}
            onClick={() => void copyText(codes.join('\n')).then(() => setCopied(true))}
          >
            {isCopied ? say('secret.copied') : say('secret.copy')}
          </Button>
        ) : null}
        <Button onClick={onDone}>{say('factor.codes.done')}</Button>
      </span>
    </div>
  );
}
