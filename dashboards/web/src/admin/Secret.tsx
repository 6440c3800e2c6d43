import { Button } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import { copyText, mayCopy } from '../parts/clipboard.ts';
import { QrCode } from '../parts/QrCode.tsx';
import { say } from '../text/say.ts';
import css from './admin.module.css';

interface SecretProps {
  readonly title: string;
  readonly secret: string;
  /** Ready-made lines that use it, with what they are for. */
  readonly lines?: readonly { readonly name: string; readonly text: string }[];
  /** For a camera. */
  readonly code?: { readonly text: string; readonly label: string };
  readonly onDone: () => void;
}

/** A secret, the one time it can be read. */
export function Secret({ title, secret, lines = [], code, onDone }: SecretProps) {
  return (
    <section className={`panel section ${css.secret}`} role="status">
      <h2>{title}</h2>
      <Copyable text={secret} />
      <p>{say('secret.once')}</p>
      {code === undefined ? null : <QrCode {...code} />}
      {lines.map(({ name, text }) => (
        <div key={name}>
          <h3>{name}</h3>
          <Copyable text={text} />
        </div>
      ))}
      <Button variant="default" onClick={onDone}>
        {say('secret.done')}
      </Button>
    </section>
  );
}

function Copyable({ text }: { text: string }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <p className={css.copyable}>
      <code className={text.includes('\n') ? css.lines : undefined}>{text}</code>
      {mayCopy() ? (
        <Button
          variant="default"
          size="xs"
          leftSection={isCopied ? <IconCheck size={15} /> : <IconCopy size={15} stroke={1.6} />}
          onClick={() => void copyText(text).then(() => setCopied(true))}
        >
          {isCopied ? say('secret.copied') : say('secret.copy')}
        </Button>
      ) : null}
    </p>
  );
}
