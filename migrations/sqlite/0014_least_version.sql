-- The least migration that a server must know to work on these tables. A migration after which older servers would do wrong raises it;
-- others leave it, so that a server of the version before works beside one of this version.
CREATE TABLE compatibility (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    least INTEGER NOT NULL
) STRICT;
INSERT INTO compatibility (one, least) VALUES (1, 14);
