-- What takes effect outside because of what somebody did on a page at work: until it is begun, it can be taken back.
ALTER TABLE outbox ADD COLUMN command TEXT;
CREATE INDEX outbox_command ON outbox (command) WHERE command IS NOT NULL;

-- What somebody approved although policy had said no: marked for good, so that it can be counted by person and rule. `rule`: the code of the sentence
-- by which policy said no; `sentence`: that sentence as JSON. No personal data but the name of an account.
CREATE TABLE overrides (
    rma      TEXT     NOT NULL,
    seq      {bigint} NOT NULL,
    line     TEXT     NOT NULL,
    staff    TEXT     NOT NULL,
    rule     TEXT     NOT NULL,
    sentence TEXT     NOT NULL,
    at       {bigint} NOT NULL,
    PRIMARY KEY (rma, seq, line)
){by key};
CREATE INDEX overrides_by_time ON overrides (at, staff, rule);
