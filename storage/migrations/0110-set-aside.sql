-- What decides the quality of a device's readings is asked for with each chart and exposure: found by device.
CREATE INDEX facts_device ON facts ((fact->'device'->>'id') COLLATE "C", position DESC) WHERE type = 'device';
CREATE INDEX facts_set_aside ON facts ((fact->'setAside'->>'device') COLLATE "C", position) WHERE type = 'setAside';
