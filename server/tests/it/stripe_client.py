"""Stripe's own client against the fake: address, key, secret, our name of a refund on pi_1, and a signed message about it."""

import sys
import time

import stripe

base, key, secret, name, signature, body = sys.argv[1:]
client = stripe.StripeClient(key, base_addresses={"api": base}, max_network_retries=0)
refunds = client.v1.refunds

mine = [refund for refund in refunds.list({"payment_intent": "pi_1", "limit": 1}).auto_paging_iter() if refund.metadata["refund"] == name]
assert len(mine) == 1 and mine[0].status == "succeeded", mine
assert refunds.retrieve(mine[0].id).amount == mine[0].amount

# A key answers as it did, and takes no other parameters.
asked = {"payment_intent": "pi_1", "amount": 100, "reason": "duplicate", "metadata": {"refund": "theirs"}}
first = refunds.create(asked, {"idempotency_key": "k1"})
again = refunds.create(asked, {"idempotency_key": "k1"})
assert first.id == again.id and again.last_response.headers["Idempotent-Replayed"] == "true"
try:
    refunds.create({**asked, "amount": 101}, {"idempotency_key": "k1"})
    raise SystemExit("taken with other parameters")
except stripe.IdempotencyError as error:
    assert error.http_status == 400


def refused(parameters, code):
    try:
        refunds.create(parameters)
    except stripe.InvalidRequestError as error:
        assert error.code == code, error
        return
    raise SystemExit(f"taken: {parameters}")


refused({"payment_intent": "pi_1", "amount": 99999999}, None)
refused({"payment_intent": "pi_none"}, "resource_missing")
refunds.create({"payment_intent": "pi_1"})
refused({"payment_intent": "pi_1", "amount": 1}, "charge_already_refunded")

# A page on which a customer pays.
sessions = client.v1.checkout.sessions
page = {
    "mode": "payment",
    "locale": "en",
    "client_reference_id": "R-d1",
    "line_items": [{"quantity": 1, "price_data": {"currency": "cny", "unit_amount": 1000, "product_data": {"name": "Tee"}}}],
    "success_url": "https://shop.example/r",
    "cancel_url": "https://shop.example/r",
    "expires_at": int(time.time()) + 7200,
    "metadata": {"due": "R-d1"},
    "payment_intent_data": {"metadata": {"due": "R-d1"}},
}
made = sessions.create(page, {"idempotency_key": "R-d1"})
assert sessions.create(page, {"idempotency_key": "R-d1"}).id == made.id
assert (made.status, made.payment_status, made.amount_total) == ("open", "unpaid", 1000) and made.url, made
assert sessions.retrieve(made.id).metadata["due"] == "R-d1"
assert sessions.expire(made.id).status == "expired"
try:
    sessions.expire(made.id)
    raise SystemExit("ended twice")
except stripe.InvalidRequestError:
    pass

try:
    stripe.StripeClient("sk_test_other", base_addresses={"api": base}).v1.refunds.list({"payment_intent": "pi_1"})
    raise SystemExit("taken without its key")
except stripe.AuthenticationError:
    pass

# What the fake signs is signed as Stripe does.
event = stripe.Webhook.construct_event(body, signature, secret)
assert event.type == "refund.updated" and event.data.object.metadata["refund"] == name
try:
    stripe.Webhook.construct_event(body + " ", signature, secret)
    raise SystemExit("another text was taken")
except stripe.SignatureVerificationError:
    pass
print("agreed")
