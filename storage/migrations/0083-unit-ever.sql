-- Whether anything ever lay in a unit: also what no longer holds, which the other index leaves out.
CREATE INDEX containment_paths_value_ever ON containment_paths (value);
