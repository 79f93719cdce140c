"""Standard Webhooks' own library (PyPI `standardwebhooks`) and a message: its secret, id, timestamp, signature and body."""

import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

secret, name, at, signature, body = sys.argv[1:]
headers = {"webhook-id": name, "webhook-timestamp": at, "webhook-signature": signature}
assert Webhook(secret).verify(body, headers)["type"].startswith("return.")
try:
    Webhook(secret).verify(body + " ", headers)
    raise SystemExit("another body was taken")
except WebhookVerificationError:
    print("verified")
