-- What was written down of who did what is put into the chain once, and otherwise stays.
CREATE OR REPLACE FUNCTION audit_stays() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail stays as it was written';
END
$$;
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit FOR EACH ROW
WHEN (OLD.seq IS NOT NULL OR OLD.id <> NEW.id OR OLD.at <> NEW.at OR OLD.actor <> NEW.actor OR OLD.what <> NEW.what OR OLD.subject <> NEW.subject
    OR OLD.address IS DISTINCT FROM NEW.address OR OLD.before IS DISTINCT FROM NEW.before OR OLD.after IS DISTINCT FROM NEW.after
    OR OLD.private IS DISTINCT FROM NEW.private)
EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays();
