-- What the room of partners sees of places and events, to tell what a partner may not say.
CREATE VIEW own_places AS
  WITH RECURSIVE owned (id, gln, partner) AS (
    SELECT p.id, p.gln, g.partner FROM places p LEFT JOIN partner_glns g ON g.gln = p.gln
    WHERE p.parent IS NULL OR NOT EXISTS (SELECT FROM places o WHERE o.id = p.parent)
    UNION
    SELECT p.id, p.gln, CASE WHEN p.gln IS NULL THEN o.partner ELSE g.partner END
    FROM owned o JOIN places p ON p.parent = o.id LEFT JOIN partner_glns g ON g.gln = p.gln
  )
  SELECT id, gln FROM owned WHERE partner IS NULL;
COMMENT ON VIEW own_places IS 'Registered places that are of no partner, by their own GLN or that of what they stand in.';
CREATE VIEW stated_events AS
  SELECT event_id, content, by FROM epcis_events WHERE NOT is_declaration;
COMMENT ON VIEW stated_events IS 'Who stated which event: its eventID, and the digest of what it says.';
