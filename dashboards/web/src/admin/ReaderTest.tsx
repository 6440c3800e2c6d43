import { Button } from '@mantine/core';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { useTestReader } from './setup-queries.ts';

/** Watches a reader for some seconds and says what it read. */
export function ReaderTest({ reader }: { reader: string }) {
  const test = useTestReader();
  const found = test.data;
  return (
    <div>
      <Button variant="default" size="xs" loading={test.isPending} onClick={() => test.mutate(reader)}>
        {say('health.reader.test', { reader })}
      </Button>
      <div role="status">
        {test.isPending ? <p>{say('health.reader.testing', { reader })}</p> : null}
        {found === undefined || test.isPending ? null : (
          <>
            <p className={found.connected ? undefined : 'trouble'}>
              {found.connected
                ? say('health.reader.connected', { reader })
                : found.reason === null
                  ? say('health.reader.away', { reader })
                  : say('health.reader.away.because', { reader, reason: found.reason })}{' '}
              {found.antennas.length === 0
                ? say('health.reader.nothing', { seconds: found.seconds })
                : found.antennas.map((one) => say('health.reader.antenna', { ...one })).join(', ')}
            </p>
            {found.tags.length === 0 ? null : <p className="epc">{found.tags.join(' ')}</p>}
          </>
        )}
      </div>
      <Trouble error={test.error} />
    </div>
  );
}
