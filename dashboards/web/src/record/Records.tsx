import { AdminPage } from '../admin/AdminPage.tsx';
import { say } from '../text/say.ts';
import { MakeRecord } from './MakeRecord.tsx';
import { TraceRequests } from './TraceRequests.tsx';

/** Who asked us for the record of goods and by when it is to be answered, and the record itself. */
export function Records() {
  return (
    <AdminPage text="record.title" permission="partner.read">
      <p className="muted">{say('record.lead')}</p>
      <TraceRequests />
      <MakeRecord />
    </AdminPage>
  );
}
