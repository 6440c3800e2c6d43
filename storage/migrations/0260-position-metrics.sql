-- Where a device is, as metrics (domain/metric.ts).
INSERT INTO grafana.metrics VALUES (9, 'latitude', '°'), (10, 'longitude', '°'), (11, 'accuracy', 'm');
