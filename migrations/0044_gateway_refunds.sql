-- What a gateway was asked to give back, by our name for it. `state`: `asked`, `unheard` (no more is asked, and it may have been done), `pending`,
-- `requires_action`, `succeeded`, `failed`, `canceled`, `given_up`. `reference`: the gateway's name. `looked_at`: when it last said something, or was asked.
CREATE TABLE gateway_refunds (
    id        TEXT     NOT NULL,
    rma       TEXT     NOT NULL,
    payment   TEXT     NOT NULL,
    state     TEXT     NOT NULL,
    reference TEXT,
    asked_at  {bigint} NOT NULL,
    looked_at {bigint} NOT NULL,
    PRIMARY KEY (id)
){by key};
CREATE INDEX gateway_refunds_open ON gateway_refunds (looked_at, id) WHERE state IN ('asked', 'unheard', 'pending', 'requires_action');
CREATE INDEX gateway_refunds_of_return ON gateway_refunds (rma);
