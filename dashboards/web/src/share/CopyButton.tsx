import { Button } from '@mantine/core';
import { useState } from 'react';
import { copyText, mayCopy } from '../parts/clipboard.ts';
import { say } from '../text/say.ts';

/** Where the browser does not allow it (no HTTPS), the text can be marked by one click beside it. */
export function CopyButton({ text }: { text: string }) {
  const [isCopied, setCopied] = useState(false);
  if (!mayCopy()) return null;
  return (
    <Button size="xs" onClick={() => void copyText(text).then(() => setCopied(true))}>
      {isCopied ? say('share.copied') : say('share.copy')}
    </Button>
  );
}
