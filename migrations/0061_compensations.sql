-- What customers are given on top because the shop or the carrier was at fault (C34, C35). `firing`: what one firing of a rule gave has it in common. `holder`: the
-- shop's name for a customer, or, where it gave none, their mail address as orders are found by it, or `order:` and the order's key. `kind`, `state`: as `domain` has
-- them. `value`: hundredths of a percent, minor units of `currency`, or points. `worth`: minor units, as counted in the `month` (2026-11) that it counts in. `months`: 1
-- for the one of a firing that is counted there. `minimum`, `up_to`: minor units. `days`: how long it is good for once it is given. `given_on`: `approval`,
-- `inspection`. Moments in milliseconds; `ended_at`: when it was used, was over or was taken back. `decided_by`: who said yes or no. `used_on`, `used`: the order that
-- it was used on, and what it took off there, in minor units.
CREATE TABLE compensations (
    id           TEXT{by bytes} NOT NULL,
    firing       TEXT     NOT NULL,
    rma          TEXT     NOT NULL,
    order_key    TEXT     NOT NULL,
    holder       TEXT     NOT NULL,
    policy       {bigint} NOT NULL,
    rule         TEXT     NOT NULL,
    given_on     TEXT     NOT NULL,
    fault        TEXT     NOT NULL,
    reason       TEXT     NOT NULL,
    kind         TEXT     NOT NULL,
    value        {bigint} NOT NULL,
    currency     TEXT     NOT NULL,
    worth        {bigint} NOT NULL,
    up_to        {bigint},
    minimum      {bigint},
    transferable {bigint} NOT NULL,
    days         {bigint} NOT NULL,
    code         TEXT,
    state        TEXT     NOT NULL,
    month        TEXT     NOT NULL,
    months       {bigint} NOT NULL,
    at           {bigint} NOT NULL,
    given_at     {bigint},
    expires_at   {bigint},
    told_at      {bigint},
    reminded_at  {bigint},
    ended_at     {bigint},
    decided_by   TEXT,
    used_on      TEXT,
    used         {bigint},
    PRIMARY KEY (id)
){by key};
CREATE UNIQUE INDEX compensations_code ON compensations (code) WHERE code IS NOT NULL;
CREATE INDEX compensations_of_return ON compensations (rma, id);
CREATE INDEX compensations_of_holder ON compensations (holder, id);
CREATE INDEX compensations_waiting ON compensations (at, id) WHERE state = 'waiting';
CREATE INDEX compensations_running ON compensations (expires_at, id) WHERE state = 'given' AND code IS NOT NULL;
CREATE INDEX compensations_given ON compensations (given_at, id) WHERE given_at IS NOT NULL;

-- For which goods something was given: a lot of a return once, and of a line of an order no more units than it has, for one fault. What is taken back has none.
CREATE TABLE compensation_causes (
    rma       TEXT     NOT NULL,
    lot       TEXT     NOT NULL,
    firing    TEXT     NOT NULL,
    order_key TEXT     NOT NULL,
    line      TEXT     NOT NULL,
    fault     TEXT     NOT NULL,
    units     {bigint} NOT NULL,
    PRIMARY KEY (rma, lot)
){by key};
CREATE INDEX compensation_causes_of_line ON compensation_causes (order_key, line, fault);

-- How often, and how much, a customer got in a calendar month. `currency`: empty for how often.
CREATE TABLE compensation_months (
    holder   TEXT     NOT NULL,
    month    TEXT     NOT NULL,
    currency TEXT     NOT NULL,
    amount   {bigint} NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (holder, month, currency)
){by key};

-- Each use of a coupon. `amount`: what it took off, minor units; `released_at`: nothing came of it.
CREATE TABLE coupon_uses (
    compensation TEXT     NOT NULL,
    nth          {bigint} NOT NULL,
    order_number TEXT     NOT NULL,
    amount       {bigint} NOT NULL,
    currency     TEXT     NOT NULL,
    at           {bigint} NOT NULL,
    released_at  {bigint},
    PRIMARY KEY (compensation, nth)
){by key};
