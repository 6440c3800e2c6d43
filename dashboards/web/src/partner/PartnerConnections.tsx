import { Button } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { ENDPOINT_KINDS } from '../../../../domain/index.ts';
import type { PartnerTestView, PartnerView } from '../../../api/index.ts';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import css from './partner.module.css';
import { useTestPartner } from './partner-queries.ts';

/** Where a partner is reached, and whether it is: step by step, with what they answered. */
export function PartnerConnections({ partner, mayChange }: { partner: PartnerView; mayChange: boolean }) {
  const test = useTestPartner();
  const { id, endpoints, secrets } = partner;
  const kinds = ENDPOINT_KINDS.filter((kind) => endpoints[kind] !== undefined);
  return (
    <section className={`panel section ${css.part}`} aria-labelledby="connections">
      <h2 id="connections">{say('partner.connections')}</h2>
      {kinds.length === 0 ? <p className="muted">{say('partner.connections.none')}</p> : null}
      <dl className={css.facts}>
        {kinds.map((kind) => (
          <div key={kind}>
            <dt className="muted">{say(`partners.endpoint.${kind}`)}</dt>
            <dd>{endpoints[kind]}</dd>
          </div>
        ))}
        {(['authorization', 'webhook'] as const).map((which) => (
          <div key={which}>
            <dt className="muted">{say(`partners.secret.${which}`)}</dt>
            <dd>
              {secrets[which] === null
                ? say('partner.secret.none')
                : say('partner.secret.kept', { print: secrets[which] })}
            </dd>
          </div>
        ))}
      </dl>
      {mayChange && kinds.length > 0 ? (
        <div className="buttons">
          <Button variant="default" loading={test.isPending} onClick={() => test.mutate(id)}>
            {say('partner.test')}
          </Button>
        </div>
      ) : null}
      <Trouble error={test.error} />
      <div role="status">{test.data === undefined ? null : <Tested test={test.data} />}</div>
    </section>
  );
}

function Tested({ test }: { test: PartnerTestView }) {
  return test.endpoints.map(({ endpoint, ok, steps }) => (
    <div key={endpoint} className={css.tested}>
      <h3>
        {say(`partners.endpoint.${endpoint}`)}{' '}
        <span className={ok ? 'muted' : 'trouble'}>{say(ok ? 'partner.test.ok' : 'partner.test.failed')}</span>
      </h3>
      <ol className={css.steps}>
        {steps.map(({ step, ok: isFine, said, received }) => (
          <li key={step}>
            {isFine ? (
              <IconCheck size={18} aria-label={say('partner.test.passed')} />
            ) : (
              <IconX size={18} className="trouble" aria-label={say('partner.test.wrong')} />
            )}
            <div>
              <b>{say(`partner.step.${step}`)}</b> <span className={isFine ? undefined : 'trouble'}>{said}</span>
              {received === null ? null : (
                <div className="muted">
                  {step === 'answer' || step === 'access' ? say('partners.test.received', { received }) : received}
                </div>
              )}
            </div>
          </li>
        ))}
      </ol>
    </div>
  ));
}
