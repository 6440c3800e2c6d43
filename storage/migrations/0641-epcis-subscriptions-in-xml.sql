-- Subscriptions over SOAP (EPCIS 1.2, section 8.2.5): under an id of the subscriber's, to a query of their own, told in XML.
ALTER TABLE epcis_subscriptions ALTER COLUMN query DROP NOT NULL;
ALTER TABLE epcis_subscriptions ADD COLUMN parameters json;
ALTER TABLE epcis_subscriptions ADD COLUMN format text NOT NULL DEFAULT 'json' CHECK (format IN ('json', 'xml 1.2', 'xml 2.0'));
ALTER TABLE epcis_subscriptions ADD CONSTRAINT epcis_subscriptions_asks CHECK ((query IS NULL) <> (parameters IS NULL));
COMMENT ON COLUMN epcis_subscriptions.query IS 'Name of the query; null = the SimpleEventQuery, with parameters of its own.';
COMMENT ON COLUMN epcis_subscriptions.parameters IS 'Of the SimpleEventQuery, where no query that has a name is subscribed to.';
COMMENT ON COLUMN epcis_subscriptions.format IS 'What messages are: json, xml 1.2 or xml 2.0.';
