-- What of the machine itself, of devices and of antennas goes on is looked up at every look at the health page.
CREATE INDEX findings_of_health ON findings (from_at)
  WHERE to_at IS NULL AND kind IN ('health', 'silence', 'weakReads');
