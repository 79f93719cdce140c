-- A shop's own words for what customers are told, by occasion, channel and language: a version whenever they are changed, so that what was told stays as
-- it was. `parts`: JSON; nothing: the product's words came back.
CREATE TABLE message_templates (
    occasion TEXT     NOT NULL,
    locale   TEXT     NOT NULL,
    channel  TEXT     NOT NULL,
    version  {bigint} NOT NULL,
    parts    TEXT,
    made_by  TEXT     NOT NULL,
    made_at  {bigint} NOT NULL,
    PRIMARY KEY (occasion, locale, channel, version)
){strict};

-- The last that was told on an occasion, to look at what is being written.
CREATE INDEX inbox_by_occasion ON inbox (occasion, id);
