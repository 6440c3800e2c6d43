-- Decisions, steps and signatures on cases are leaves of the ledger that state their rows.
CREATE FUNCTION case_id(of_number bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT 'C-' || lpad(of_number::text, greatest(6, length(of_number::text)), '0')
$$;

-- What was signed before goes in as it is now.
INSERT INTO ledger_pending (kind, subject, cause, sha256, content)
  SELECT kind, subject, id, sha256(convert_to(text, 'UTF8')), text
  FROM (
    SELECT place, case_number, number, kind, subject, id,
      json_build_object('content', content, 'id', id, 'kind', kind, 'subject', subject, 'v', 1)::text AS text
    FROM (
      SELECT 0 AS place, case_number, number, 'decision' AS kind, 'leaf_' || gen_random_uuid() AS id,
        'decision:' || case_id(case_number) || '/' || number AS subject,
        json_build_object('case', case_id(case_number), 'disposition', disposition, 'group', scope_group, 'lot', scope_lot,
          'madeAt', made_at, 'needsSecond', needs_second, 'number', number, 'reason', reason, 'recordHash', record_hash,
          'revision', revision, 'serials', serials, 'serialsHash', serials_hash) AS content
      FROM case_decisions
      UNION ALL
      SELECT 0, case_number, number, 'step', 'leaf_' || gen_random_uuid(),
        'step:' || case_id(case_number) || '/' || number,
        json_build_object('at', at, 'case', case_id(case_number), 'detail', detail, 'number', number, 'reason', reason,
          'recordHash', record_hash, 'undoes', undoes)
      FROM case_steps
      UNION ALL
      SELECT s.place, s.case_number, s.number, 'signature', 'leaf_' || gen_random_uuid(),
        'signature:' || about || ':' || case_id(s.case_number) || '/' || s.number || '/' || s.place,
        json_build_object('about', about, 'case', case_id(s.case_number),
          'inForceAt', CASE WHEN s.place = 2 OR NOT d.needs_second THEN d.in_force_at END, 'name', user_name,
          'number', s.number, 'place', s.place, 'recordHash', coalesce(d.record_hash, t.record_hash),
          'signatureHash', signature_hash, 'userId', user_id)
      FROM case_signatures s
      LEFT JOIN case_decisions d ON about = 'decision' AND d.case_number = s.case_number AND d.number = s.number
      LEFT JOIN case_steps t ON about = 'step' AND t.case_number = s.case_number AND t.number = s.number
    ) AS signed
  ) AS stated
  ORDER BY case_number, number, place;
