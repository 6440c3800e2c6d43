-- Cases: what a person decides on. One open case a subject: a shipment, or a place where no shipment is touched.

-- Which alerts are excursions of goods: what may spoil them. Silences, forecasts and door checks are none, nor is a flat
-- battery. The same kinds stand in undecided_excursions.
CREATE FUNCTION can_spoil(of_kind text, of_metric text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT of_kind IN ('threshold', 'mkt', 'rate', 'shock', 'freezeThaw') AND coalesce(of_metric, '') NOT IN ('battery', 'door')
$$;

-- Where an alert was, for goods that travel in no shipment: the place its device was put on or stood in then, the site
-- that the device is registered for, the place inside its portal.
CREATE FUNCTION alert_place(of_device text, of_portal text, from_at timestamptz) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE found_place text; at_ms bigint := (extract(epoch FROM from_at) * 1000)::bigint;
BEGIN
  IF of_device IS NOT NULL THEN
    SELECT h.value INTO found_place FROM attachments_members m JOIN attachments_histories h ON h.history = m.history
     WHERE m.subject = of_device AND h.holds AND h.value IS NOT NULL AND h.since <= at_ms
       AND (h.until IS NULL OR h.until > at_ms) AND EXISTS (SELECT FROM places p WHERE p.id = h.value)
     ORDER BY h.since DESC LIMIT 1;
    IF found_place IS NOT NULL THEN RETURN found_place; END IF;
    BEGIN
      SELECT fact -> 'device' -> 'context' ->> 'site' INTO found_place FROM facts
       WHERE facts.subject = 'device:' || of_device AND type = 'device' ORDER BY position DESC LIMIT 1;
    EXCEPTION WHEN data_exception THEN found_place := NULL;
    END;
    IF found_place IS NOT NULL THEN RETURN found_place; END IF;
  END IF;
  IF of_portal IS NOT NULL THEN
    SELECT inside INTO found_place FROM portals WHERE id = of_portal;
  END IF;
  RETURN found_place;
END $$;

CREATE TABLE cases (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('excursion', 'suspect product', 'complaint', 'data missing')),
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'evidence changed', 'decided', 'closed')),
  title text NOT NULL,
  subject text COLLATE "C",
  shipment text,
  place text,
  follows bigint REFERENCES cases,
  opened_at timestamptz NOT NULL,
  opened_by text,
  reason text,
  closed_at timestamptz,
  closed_by text,
  closed_why text,
  assignee text,
  due_at timestamptz,
  value_class smallint,
  alerts int NOT NULL DEFAULT 0,
  affected int NOT NULL DEFAULT 0,
  undecided int NOT NULL DEFAULT 0,
  waiting int NOT NULL DEFAULT 0,
  revision int NOT NULL DEFAULT 1,
  CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
COMMENT ON TABLE cases IS 'What a person decides on: excursions and suspicions of a shipment or place.';
COMMENT ON COLUMN cases.number IS 'Number of the case; people see C-000123.';
COMMENT ON COLUMN cases.kind IS 'excursion, suspect product, complaint, data missing.';
COMMENT ON COLUMN cases.state IS 'open, evidence changed, decided, closed; worked out from the serials with every revision.';
COMMENT ON COLUMN cases.title IS 'One line for people.';
COMMENT ON COLUMN cases.subject IS 'What has one open case: `shipment:ID`, `place:ID`, `device:ID` where its place is unknown; null of a case about serials alone.';
COMMENT ON COLUMN cases.shipment IS 'Shipment it is about.';
COMMENT ON COLUMN cases.place IS 'Place it is about, where no shipment is touched.';
COMMENT ON COLUMN cases.follows IS 'Number of the closed case that it follows up.';
COMMENT ON COLUMN cases.opened_at IS 'When it was opened.';
COMMENT ON COLUMN cases.opened_by IS 'Who opened it; null: an alert did.';
COMMENT ON COLUMN cases.reason IS 'Why a person opened it.';
COMMENT ON COLUMN cases.closed_at IS 'When it was closed.';
COMMENT ON COLUMN cases.closed_by IS 'Who closed it.';
COMMENT ON COLUMN cases.closed_why IS 'What was said on closing it.';
COMMENT ON COLUMN cases.assignee IS 'Who takes care of it.';
COMMENT ON COLUMN cases.due_at IS 'When the first of its clocks that nobody has stopped falls due; null where nothing does.';
COMMENT ON COLUMN cases.value_class IS 'Highest value class of its products, 1 to 5.';
COMMENT ON COLUMN cases.alerts IS 'Number of alerts that it rests on.';
COMMENT ON COLUMN cases.affected IS 'Number of serials that are affected.';
COMMENT ON COLUMN cases.undecided IS 'Number of those without a decision in force.';
COMMENT ON COLUMN cases.waiting IS 'Number of those whose decision waits for its second signer.';
COMMENT ON COLUMN cases.revision IS 'Raised by one with every change of its evidence and decisions.';
CREATE UNIQUE INDEX cases_open ON cases (subject) WHERE state <> 'closed';
CREATE INDEX cases_subject ON cases (subject, number DESC);
CREATE INDEX cases_shipment ON cases (shipment, number DESC) WHERE shipment IS NOT NULL;
CREATE INDEX cases_by_opening ON cases (opened_at DESC, number DESC);
CREATE INDEX cases_standing_due ON cases ((coalesce(due_at, 'infinity'::timestamptz)), number) WHERE state <> 'closed';
CREATE INDEX cases_standing_value ON cases ((coalesce(value_class, 0)) DESC, number DESC) WHERE state <> 'closed';
CREATE INDEX cases_by_due ON cases ((coalesce(due_at, 'infinity'::timestamptz)), number);
CREATE INDEX cases_by_value ON cases ((coalesce(value_class, 0)) DESC, number DESC);
CREATE INDEX cases_by_state ON cases (state, opened_at DESC, number DESC);
CREATE INDEX cases_assignee ON cases (assignee, number DESC) WHERE assignee IS NOT NULL;

CREATE TABLE case_alerts (
  case_number bigint NOT NULL REFERENCES cases,
  alert bigint NOT NULL,
  joined_at timestamptz NOT NULL,
  left_at timestamptz,
  seen jsonb NOT NULL,
  PRIMARY KEY (case_number, alert)
);
COMMENT ON TABLE case_alerts IS 'Alerts that a case rests on, or rested on.';
COMMENT ON COLUMN case_alerts.case_number IS 'Number of the case.';
COMMENT ON COLUMN case_alerts.alert IS 'Number of the alert.';
COMMENT ON COLUMN case_alerts.joined_at IS 'When it joined.';
COMMENT ON COLUMN case_alerts.left_at IS 'When it left: retracted, merged, or its goods turned out to be others; null while it is in.';
COMMENT ON COLUMN case_alerts.seen IS 'What it said when the case last changed by it: from, to, extreme, count of serials.';
CREATE INDEX case_alerts_alert ON case_alerts (alert);

CREATE TABLE case_serials (
  case_number bigint NOT NULL REFERENCES cases,
  epc text COLLATE "C" NOT NULL,
  gtin text,
  serial text,
  lot text,
  expiry text,
  unit text,
  is_by_hand boolean NOT NULL DEFAULT false,
  is_affected boolean NOT NULL DEFAULT true,
  changed_revision int NOT NULL,
  decision int,
  decided_revision int,
  is_in_force boolean NOT NULL DEFAULT false,
  PRIMARY KEY (case_number, epc)
);
COMMENT ON TABLE case_serials IS 'Serials of a case, and what was last decided on each.';
COMMENT ON COLUMN case_serials.case_number IS 'Number of the case.';
COMMENT ON COLUMN case_serials.epc IS 'EPC of the serial.';
COMMENT ON COLUMN case_serials.gtin IS 'GTIN-14.';
COMMENT ON COLUMN case_serials.serial IS 'Serial number.';
COMMENT ON COLUMN case_serials.lot IS 'Lot.';
COMMENT ON COLUMN case_serials.expiry IS 'Expiry.';
COMMENT ON COLUMN case_serials.unit IS 'Unit it was in.';
COMMENT ON COLUMN case_serials.is_by_hand IS 'A person put it in: no alert takes it out.';
COMMENT ON COLUMN case_serials.is_affected IS 'An alert of the case touches it, or a person put it in. What was decided stays listed without.';
COMMENT ON COLUMN case_serials.changed_revision IS 'Revision of the case at which its evidence last changed.';
COMMENT ON COLUMN case_serials.decision IS 'Number of the latest decision on it; null: undecided.';
COMMENT ON COLUMN case_serials.decided_revision IS 'Revision of the case that was signed with it.';
COMMENT ON COLUMN case_serials.is_in_force IS 'That decision has all signatures it needs.';
CREATE INDEX case_serials_epc ON case_serials (epc);

CREATE TABLE case_changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  case_number bigint NOT NULL REFERENCES cases,
  revision int NOT NULL,
  at timestamptz NOT NULL,
  is_evidence boolean NOT NULL,
  text text NOT NULL
);
COMMENT ON TABLE case_changes IS 'What made each revision of a case, a sentence each.';
COMMENT ON COLUMN case_changes.id IS 'Order of the changes.';
COMMENT ON COLUMN case_changes.case_number IS 'Number of the case.';
COMMENT ON COLUMN case_changes.revision IS 'Revision that it made.';
COMMENT ON COLUMN case_changes.at IS 'When.';
COMMENT ON COLUMN case_changes.is_evidence IS 'The evidence changed; else what people did.';
COMMENT ON COLUMN case_changes.text IS 'What changed.';
CREATE INDEX case_changes_case ON case_changes (case_number, id);

CREATE TABLE case_clocks (
  case_number bigint NOT NULL REFERENCES cases,
  clock text NOT NULL,
  due_at timestamptz NOT NULL,
  done_at timestamptz,
  done_by text,
  PRIMARY KEY (case_number, clock)
);
COMMENT ON TABLE case_clocks IS 'What has to be done about a case by when: the target of the site, and what the law sets.';
COMMENT ON COLUMN case_clocks.case_number IS 'Number of the case.';
COMMENT ON COLUMN case_clocks.clock IS '`target`, `dscsa.quarantine`, `dscsa.investigation`, `dscsa.notification`.';
COMMENT ON COLUMN case_clocks.due_at IS 'By when.';
COMMENT ON COLUMN case_clocks.done_at IS 'When it was done.';
COMMENT ON COLUMN case_clocks.done_by IS 'Who did it; null: it followed from a decision.';

CREATE TABLE case_comments (
  case_number bigint NOT NULL REFERENCES cases,
  number int NOT NULL,
  at timestamptz NOT NULL,
  by_name text NOT NULL,
  text text NOT NULL,
  mentions text[] NOT NULL,
  PRIMARY KEY (case_number, number)
);
COMMENT ON TABLE case_comments IS 'What people said about a case. Rows are only ever added.';
COMMENT ON COLUMN case_comments.case_number IS 'Number of the case.';
COMMENT ON COLUMN case_comments.number IS 'Order in the case, from 1.';
COMMENT ON COLUMN case_comments.at IS 'When.';
COMMENT ON COLUMN case_comments.by_name IS 'Who.';
COMMENT ON COLUMN case_comments.text IS 'What.';
COMMENT ON COLUMN case_comments.mentions IS 'User names it mentions.';

CREATE TABLE case_tasks (
  case_number bigint NOT NULL REFERENCES cases,
  number int NOT NULL,
  text text NOT NULL,
  owner text,
  due_at timestamptz,
  made_at timestamptz NOT NULL,
  made_by text NOT NULL,
  done_at timestamptz,
  done_by text,
  PRIMARY KEY (case_number, number)
);
COMMENT ON TABLE case_tasks IS 'What is to be done about a case.';
COMMENT ON COLUMN case_tasks.case_number IS 'Number of the case.';
COMMENT ON COLUMN case_tasks.number IS 'Order in the case, from 1.';
COMMENT ON COLUMN case_tasks.text IS 'What is to be done.';
COMMENT ON COLUMN case_tasks.owner IS 'Who is to do it.';
COMMENT ON COLUMN case_tasks.due_at IS 'By when.';
COMMENT ON COLUMN case_tasks.made_at IS 'When it was set.';
COMMENT ON COLUMN case_tasks.made_by IS 'Who set it.';
COMMENT ON COLUMN case_tasks.done_at IS 'When it was done.';
COMMENT ON COLUMN case_tasks.done_by IS 'Who did it.';

CREATE TABLE case_attachments (
  case_number bigint NOT NULL REFERENCES cases,
  number int NOT NULL,
  name text NOT NULL,
  media_type text NOT NULL,
  bytes bytea NOT NULL,
  sha256 text NOT NULL,
  at timestamptz NOT NULL,
  by_name text NOT NULL,
  PRIMARY KEY (case_number, number)
);
COMMENT ON TABLE case_attachments IS 'Files that people put to a case. Rows are only ever added.';
COMMENT ON COLUMN case_attachments.case_number IS 'Number of the case.';
COMMENT ON COLUMN case_attachments.number IS 'Order in the case, from 1.';
COMMENT ON COLUMN case_attachments.name IS 'Name of the file.';
COMMENT ON COLUMN case_attachments.media_type IS 'Media type, by its first bytes.';
COMMENT ON COLUMN case_attachments.bytes IS 'The file.';
COMMENT ON COLUMN case_attachments.sha256 IS 'SHA-256, hex.';
COMMENT ON COLUMN case_attachments.at IS 'When.';
COMMENT ON COLUMN case_attachments.by_name IS 'Who.';

-- Whether a case is seen from these places: by its shipment or place, else by one of its serials or its alerts.
CREATE FUNCTION case_seen_from(of_number bigint, of_shipment text, of_place text, seen_places text[])
RETURNS boolean LANGUAGE plpgsql STABLE COST 5000 AS $$
BEGIN
  IF of_shipment IS NOT NULL THEN
    RETURN EXISTS (SELECT FROM shipment_places s WHERE s.shipment = of_shipment AND s.place = ANY (seen_places));
  END IF;
  IF of_place IS NOT NULL THEN RETURN of_place = ANY (seen_places); END IF;
  RETURN EXISTS (SELECT FROM case_serials c WHERE c.case_number = of_number AND goods_seen_from(c.epc, seen_places));
END $$;

-- Excursions that stand when this comes in open their cases when the alert worker looks at them again.
INSERT INTO alert_work (rule, key, from_at)
  SELECT rule, key, from_at FROM alerts WHERE state IN ('open', 'acknowledged') AND can_spoil(kind, metric);
