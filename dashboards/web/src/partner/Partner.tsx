import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { PartnerView } from '../../../api/index.ts';
import { AdminPage } from '../admin/AdminPage.tsx';
import { Confirm } from '../parts/Confirm.tsx';
import { Failed, Loading, Trouble } from '../parts/States.tsx';
import { WhenExact } from '../parts/When.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { FORMAT_TEXT } from './format-text.ts';
import { PartnerConnections } from './PartnerConnections.tsx';
import { PartnerFiles } from './PartnerFiles.tsx';
import { PartnerForm } from './PartnerForm.tsx';
import { PartnerKeys } from './PartnerKeys.tsx';
import { PartnerTokens } from './PartnerTokens.tsx';
import css from './partner.module.css';
import { usePartner, useRemovePartner } from './partner-queries.ts';
import { bytesText } from './quota.ts';

/** One partner: what is agreed with it, how it is reached, its keys and tokens, and every file to and from it. */
export function PartnerPage() {
  const { id = '' } = useParams();
  const { data, error, isPending, refetch } = usePartner(id);
  return (
    <AdminPage text="partners.title" permission="partner.read" title={data?.name}>
      <p className={css.link}>
        <Link to="/admin/partners">{say('partner.all')}</Link>
      </p>
      {isPending ? <Loading rows={4} /> : null}
      {data === undefined && !isPending ? (
        <Failed error={error ?? new Error('')} what={say('partner.this')} onRetry={() => void refetch()} />
      ) : null}
      {data === undefined ? null : <Whole partner={data} />}
    </AdminPage>
  );
}

function Whole({ partner }: { partner: PartnerView }) {
  const [isChanging, setChanging] = useState(false);
  const mayChange = useMay('partner.change');
  const mayExchange = useMay('partner.exchange');
  const mayAudit = useMay('audit.read');
  return (
    <>
      <Agreed partner={partner} />
      {mayChange && !isChanging ? (
        <div className="buttons">
          <Button variant="default" onClick={() => setChanging(true)}>
            {say('partners.change')}
          </Button>
          <Remove id={partner.id} />
        </div>
      ) : null}
      {isChanging ? <PartnerForm key={partner.revision} partner={partner} onDone={() => setChanging(false)} /> : null}
      <PartnerConnections partner={partner} mayChange={mayChange} />
      <PartnerKeys partner={partner} mayChange={mayChange} />
      {mayChange ? <PartnerTokens partner={partner.id} /> : null}
      {mayExchange ? <PartnerFiles partner={partner.id} mayChange={mayChange} /> : null}
      {mayAudit ? (
        <p className={css.link}>
          <Link to={`/admin/audit?subject=${encodeURIComponent(`partner:${partner.id}`)}`}>{say('partner.audit')}</Link>
        </p>
      ) : null}
    </>
  );
}

function Agreed({ partner }: { partner: PartnerView }) {
  const { agreed, from, to, glns, roles, address, sees, sends, formats, quota, today, id, changedAt, changedBy } =
    partner;
  const days = { from: from ?? '…', to: to ?? '…' };
  return (
    <dl className={`panel section ${css.facts}`}>
      <Fact name={say('partners.id')}>{id}</Fact>
      <Fact name={say('partners.agreed')}>
        <b className={agreed ? undefined : 'trouble'}>
          {agreed ? say('partners.agreed.yes') : say('partners.agreed.no')}
        </b>
        {from === null && to === null ? null : <span className="muted"> {say('partner.days', days)}</span>}
      </Fact>
      <Fact name={say('partners.glns')}>{glns.join(', ') || '–'}</Fact>
      <Fact name={say('partners.roles')}>{roles.map((role) => say(`partner.role.${role}`)).join(', ') || '–'}</Fact>
      <Fact name={say('partners.address')}>{address ?? '–'}</Fact>
      <Fact name={say('partners.sees')}>
        {sees.map((one) => say(`partner.sees.${one}`)).join(', ') || say('partner.nothing')}
      </Fact>
      <Fact name={say('partners.sends')}>
        {sends.map((one) => say(`partner.sends.${one}`)).join(', ') || say('partner.nothing')}
      </Fact>
      <Fact name={say('partners.formats')}>
        {formats.map((one) => say(FORMAT_TEXT[one])).join(', ') || say('partner.format.any')}
      </Fact>
      <Fact name={say('partner.today')}>
        {say('partner.today.used', {
          ...{ files: today?.files ?? 0, mostFiles: quota.filesPerDay },
          ...{ bytes: bytesText(today?.bytes ?? 0), mostBytes: bytesText(quota.bytesPerDay) },
        })}
        {(today?.turnedAway ?? 0) === 0 ? null : (
          <div className="trouble">{say('partner.today.away', { count: today?.turnedAway ?? 0 })}</div>
        )}
      </Fact>
      <Fact name={say('partner.changed')}>
        <WhenExact at={changedAt} /> {changedBy}
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="muted">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Remove({ id }: { id: string }) {
  const remove = useRemovePartner();
  const navigate = useNavigate();
  return (
    <>
      <Confirm
        name={say('partners.remove')}
        question={say('partners.remove.sure', { id })}
        action={say('partners.remove.do')}
        isPending={remove.isPending}
        onConfirm={() => remove.mutate(id, { onSuccess: () => navigate('/admin/partners') })}
      />
      <Trouble error={remove.error} />
    </>
  );
}
