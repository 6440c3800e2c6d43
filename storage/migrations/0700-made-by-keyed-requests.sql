-- What a request made is kept with its key in the transaction that makes it: a process that is killed before it has answered
-- leaves no doubt about whether the request was applied.
ALTER TABLE answered_requests ADD COLUMN made text;
COMMENT ON COLUMN answered_requests.made IS 'What it made, such as E-000123, written with it; null = nothing yet, or it marks nothing.';
