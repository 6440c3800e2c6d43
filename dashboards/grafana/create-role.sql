-- Run once by the PostgreSQL image when its volume is new: the user Grafana reads with (docs/grafana.md). Isotherm's
-- migrations give `isotherm_reader` what it may read.
\getenv password GRAFANA_DB_PASSWORD
CREATE ROLE isotherm_reader NOLOGIN;
CREATE ROLE grafana LOGIN PASSWORD :'password' IN ROLE isotherm_reader;
ALTER ROLE grafana SET default_transaction_read_only = on;
ALTER ROLE grafana SET statement_timeout = '30s';
