import { Fragment } from 'react';
import type { SerialView } from '../../../api/index.ts';
import { say } from '../text/say.ts';

/** What a reader finds on its tag and a scanner on its pack: the same serial in three ways of writing. */
export function SerialCodes({ serial: { epc, identity } }: { serial: SerialView }) {
  const codes = [
    [say('serial.codes.tag'), epc],
    ...(identity === null
      ? []
      : [
          [say('serial.codes.twoD'), identity.elementString],
          [say('serial.codes.link'), identity.digitalLink],
        ]),
  ];
  return (
    <section className="panel section" aria-labelledby="codes">
      <h2 id="codes">{say('serial.codes')}</h2>
      <dl className="list">
        {codes.map(([name, code]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>
              <code className="epc">{code}</code>
            </dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}
