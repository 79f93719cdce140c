-- The least migration that a server must know to work on these tables. A migration after which older servers would do wrong raises it;
-- others leave it, so that a server of the version before works beside one of this version.
CREATE TABLE compatibility (
    one   BIGINT PRIMARY KEY CHECK (one = 1),
    least BIGINT NOT NULL
);
INSERT INTO compatibility (one, least) VALUES (1, 14);
