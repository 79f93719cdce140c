-- What customers were told, as their inbox shows it; nobody's name or address. `about`: `return:` and the return's number, or `order:` and the order's
-- key. `texted_at`: when a text said it. `what`: the number of the return's event up to which it was so, or the name of a concession. `id`: of the job that told them.
CREATE TABLE inbox (
    id       TEXT{by bytes} NOT NULL,
    about    TEXT     NOT NULL,
    occasion TEXT     NOT NULL,
    what     TEXT     NOT NULL,
    at       {bigint} NOT NULL,
    read_at  {bigint},
    texted_at {bigint},
    PRIMARY KEY (id)
){by key};
CREATE INDEX inbox_about ON inbox (about, id);
