"""The README's story, told by a client that was generated from the document: an order comes in, some of it goes back."""

import base64
import datetime
import io
import os
from typing import TypeVar

from homebound_client import AuthenticatedClient
from homebound_client.api.evidence import add_evidence
from homebound_client.api.orders import get_order, put_order
from homebound_client.api.returns import (
    add_lines,
    cancel_return,
    get_return,
    get_return_label,
    get_return_timeline,
    list_returns,
    open_return,
    quote_return,
)
from homebound_client.models import (
    Address,
    Cancellation,
    Customer,
    Evidence,
    EvidenceForm,
    ItemCondition,
    LineRequest,
    LinesAdded,
    Order,
    OrderDelivery,
    OrderFound,
    OrderLine,
    OrderOutcome,
    Problem,
    Resolution,
    Return,
    ReturnMethod,
    ReturnPage,
    ReturnRequest,
    ReturnStatus,
    Timeline,
)
from homebound_client.types import File

shop = AuthenticatedClient(base_url=os.environ["HOMEBOUND_TRY_BASE"] + "/api", token=os.environ["HOMEBOUND_TRY_KEY"], raise_on_unexpected_status=True)

Kind = TypeVar("Kind")


def told(kind: type[Kind], answer: object) -> Kind:
    """What was answered; a problem document ends the story."""
    assert isinstance(answer, kind), answer
    return answer


def ago(days: int) -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days)


number = "PY-1"
order = Order(
    number=number,
    placed_at=ago(4),
    currency="EUR",
    customer=Customer(email="anna@example.com"),
    ship_to=Address(country="DE"),
    lines=[OrderLine(id="1", sku="TEE", name="Cotton tee", category="apparel", quantity=2, unit_price="24.50")],
    deliveries=[OrderDelivery(delivered_at=ago(2))],
)
assert told(OrderOutcome, put_order.sync(number, client=shop, body=order)).outcome == "created"
assert told(OrderFound, get_order.sync(number, client=shop)).returnable[0].available == 2

line = LineRequest(line="1", quantity=1, reason="dislike", condition=ItemCondition.OPENED, resolution=Resolution.REFUND)
request = ReturnRequest(orders=[number], method=ReturnMethod.SELF_SHIP, lines=[line])
quote = told(Return, quote_return.sync(client=shop, body=request))
assert quote.lines[0].verdict == "approved"

opened = told(Return, open_return.sync(client=shop, body=request, idempotency_key="py-1"))
again = told(Return, open_return.sync(client=shop, body=request, idempotency_key="py-1"))
assert again == opened, "the same request is the same return"
assert opened.expected == quote.expected, "the preview is what is promised"
rma = opened.rma
assert isinstance(rma, str)

added = told(Return, add_lines.sync(rma, client=shop, body=LinesAdded(lines=[line])))
assert sum(line.quantity for line in added.lines) == 2
# 1 × 1 pixels.
photo = File(io.BytesIO(base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")), "crack.gif", "image/gif")
assert told(Evidence, add_evidence.sync(rma, client=shop, body=EvidenceForm(file=photo))).id.startswith("ev_")
label = told(File, get_return_label.sync(rma, client=shop))
assert label.payload.read(5) == b"%PDF-"
timeline = told(Timeline, get_return_timeline.sync(rma, client=shop))
assert timeline.events[0].event == "opened"
assert all(entry.text for entry in timeline.entries)

cancelled = told(Return, cancel_return.sync(rma, client=shop, body=Cancellation()))
assert cancelled.status == "cancelled"
page = told(ReturnPage, list_returns.sync(client=shop, status=ReturnStatus.CANCELLED, limit=1))
assert page.items[0].rma == rma

missing = told(Problem, get_return.sync("R-0", client=shop))
assert (missing.status, missing.type_) == (404, "/problems/not-found"), "a problem has its type"
