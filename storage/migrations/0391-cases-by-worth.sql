-- The inbox by worth: value class times serials. One serial of class 5 is not worth more than ten thousand of class 4, and
-- goods whose class nobody said count as of the least.
DROP INDEX cases_standing_value;
DROP INDEX cases_by_value;
CREATE INDEX cases_standing_worth ON cases ((coalesce(value_class::int, 1) * affected) DESC, number DESC) WHERE state <> 'closed';
CREATE INDEX cases_by_worth ON cases ((coalesce(value_class::int, 1) * affected) DESC, number DESC);
