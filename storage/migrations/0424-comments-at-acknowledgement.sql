-- Sites whose alerts are acknowledged with a word on what is done about them.
ALTER TABLE places ADD COLUMN comment_required boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN places.comment_required IS 'Alerts here, and in what stands in it, are acknowledged with a comment.';
