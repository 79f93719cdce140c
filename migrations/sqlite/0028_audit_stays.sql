-- What was written down of who did what is put into the chain once, and otherwise stays.
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
WHEN OLD.seq IS NOT NULL OR OLD.id <> NEW.id OR OLD.at <> NEW.at OR OLD.actor <> NEW.actor OR OLD.what <> NEW.what OR OLD.subject <> NEW.subject
    OR OLD.address IS NOT NEW.address OR OLD.before IS NOT NEW.before OR OLD.after IS NOT NEW.after OR OLD.private IS NOT NEW.private
BEGIN
    SELECT RAISE(ABORT, 'the audit trail stays as it was written');
END;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is kept');
END;
