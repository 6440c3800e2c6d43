-- Names that say what the tables hold. Subjects with the same history share one set of statements: a *shared history*,
-- which was called a path (a route, to anyone in logistics). Events that the platform publishes to partners were `said`.
ALTER SEQUENCE path_ids RENAME TO history_ids;
ALTER TABLE containment_paths RENAME TO containment_histories;
ALTER TABLE attachments_paths RENAME TO attachments_histories;
ALTER TABLE presence_paths RENAME TO presence_histories;
ALTER TABLE containment_histories RENAME COLUMN path TO history;
ALTER TABLE attachments_histories RENAME COLUMN path TO history;
ALTER TABLE presence_histories RENAME COLUMN path TO history;
ALTER TABLE containment_members RENAME COLUMN path TO history;
ALTER TABLE attachments_members RENAME COLUMN path TO history;
ALTER TABLE presence_members RENAME COLUMN path TO history;
ALTER VIEW containment RENAME COLUMN path TO history;
ALTER VIEW attachments RENAME COLUMN path TO history;
ALTER VIEW presence RENAME COLUMN path TO history;
ALTER INDEX containment_paths_pkey RENAME TO containment_histories_pkey;
ALTER INDEX attachments_paths_pkey RENAME TO attachments_histories_pkey;
ALTER INDEX presence_paths_pkey RENAME TO presence_histories_pkey;
ALTER INDEX containment_paths_value RENAME TO containment_histories_value;
ALTER INDEX attachments_paths_value RENAME TO attachments_histories_value;
ALTER INDEX presence_paths_value RENAME TO presence_histories_value;
ALTER INDEX containment_paths_source RENAME TO containment_histories_source;
ALTER INDEX attachments_paths_source RENAME TO attachments_histories_source;
ALTER INDEX presence_paths_source RENAME TO presence_histories_source;
ALTER INDEX containment_members_path RENAME TO containment_members_history;
ALTER INDEX attachments_members_path RENAME TO attachments_members_history;
ALTER INDEX presence_members_path RENAME TO presence_members_history;

ALTER TABLE epcis_said RENAME TO epcis_published;
ALTER SEQUENCE epcis_said_index RENAME TO epcis_published_index;
ALTER INDEX containment_paths_value_ever RENAME TO containment_histories_value_ever;
ALTER INDEX epcis_said_event_id RENAME TO epcis_published_event_id;
