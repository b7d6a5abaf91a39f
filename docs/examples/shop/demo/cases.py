"""The nine cases, each with what it claims."""

import re

from demo.provider import Look
from demo.stage import News, Reply, Stage
from demo.timeline import Timeline
from journal.models import Boundary
from journal.views import IMPORT_LINES, LIST_ITEMS
from shop.models import Customer, Order

ADA = "1"
KETTLE_FOR_ADA = ["packed a kettle, normal priority", "mailed ada@example.com"]


def commit(stage: Stage, tell: Timeline) -> None:
    """Look into the queue while the transaction is open, and afterwards."""
    tell.case(
        "An order: its effects leave after the commit",
        "The payment provider is asked inside the transaction, and looks at the queue.",
    )
    before = Order.objects.count()
    _post(stage, tell, "orders/", customer=ADA, item="kettle", card="good")
    look = _look(stage, tell)
    news = _news(stage, tell)

    tell.claim(
        "inside the transaction, neither the order nor a task was to be seen",
        expected=(before, 0, 0),
        seen=(look.orders, look.queued, look.running),
    )
    tell.claim(
        "after it, the consumer ran both tasks, in the order of the enqueues",
        expected=_calls(Order.objects.latest("pk")),
        seen=news.ran,
    )
    tell.claim(
        "and both tasks found the committed order",
        expected=KETTLE_FOR_ADA,
        seen=news.outcomes,
    )


def inner_scope(stage: Stage, tell: Timeline) -> None:
    """Look into the queue between the end of a scope and the commit."""
    tell.case(
        "A scope that ends inside the transaction: its effects wait for the commit",
        "Order.repeat() has its own scope, which ends before the provider is asked.",
    )
    _post(stage, tell, "orders/repeat/", customer=ADA, card="good")
    news = stage.news()
    ends = [boundary.at for boundary in news.boundaries]
    for at in ends:
        tell.event("scope", "ends, and the transaction is open", at)
    look = _look(stage, tell)
    tell.news(news)

    tell.claim(
        "after the end of the scope, no task was to be seen",
        expected=([True], 0, 0),
        seen=([at < look.at for at in ends], look.queued, look.running),
    )
    tell.claim(
        "both tasks found the committed order",
        expected=KETTLE_FOR_ADA,
        seen=news.outcomes,
    )


def failure(stage: Stage, tell: Timeline) -> None:
    """Decline the card after the order was processed."""
    tell.case(
        "A view that fails: nothing leaves",
        "The card is declined after Order.process() has enqueued both tasks.",
    )
    before = Order.objects.count()
    reply = _post(stage, tell, "orders/", customer=ADA, item="kettle", card="stolen")
    news = _news(stage, tell)

    tell.claim("the request failed", expected=500, seen=reply.status)
    tell.claim("there is no new order", expected=before, seen=Order.objects.count())
    tell.claim("the consumer ran nothing", expected=[], seen=news.ran)


def savepoint(stage: Stage, tell: Timeline) -> None:
    """Order from a list of which one row is sold out."""
    tell.case(
        "A savepoint that is rolled back in a loop: only the good rows' effects leave",
        "Each row is processed in a savepoint, and only then its item is reserved. One "
        "is sold out; SQLite gives the number of its order to the next.",
    )
    last = Order.objects.latest("pk").pk
    reply = _post(stage, tell, "orders/list/", customer=ADA, items=LIST_ITEMS)
    news = _news(stage, tell)
    orders = Order.objects.filter(pk__gt=last).order_by("pk")

    tell.claim("the request succeeded", expected=302, seen=reply.status)
    tell.claim(
        "it stored the two rows that could be had",
        expected=["kettle", "teapot"],
        seen=[order.item for order in orders],
    )
    tell.claim(
        "the consumer ran both tasks of these, in the order of the rows",
        expected=[call for order in orders for call in _calls(order)],
        seen=news.ran,
    )
    tell.claim(
        "and the report tells that two effects were rolled back",
        expected=2,
        seen=sum(
            effect.startswith("rolled back")
            for effect in _effects(news.boundaries, origin="POST /orders/list/")
        ),
    )


def command(stage: Stage, tell: Timeline) -> None:
    """Release the pre-orders, first without consequences."""
    tell.case(
        "A management command: with --dry-run nothing leaves, without it all does",
        "@airlock_command gives handle() a scope, and knows the option.",
    )
    waiting = Order.objects.filter(status=Order.Status.WAITING).order_by("pk")
    calls = [call for order in waiting for call in _calls(order)]
    plan = _manage(stage, tell, "release_preorders", "--dry-run")
    news = _news(stage, tell)
    tell.claim("the consumer ran nothing", expected=[], seen=news.ran)
    tell.claim(
        "and the command told what would have left",
        expected=[("2", "notify_warehouse"), ("2", "send_confirmation_email")],
        seen=re.findall(r"(\d+) x shop\.tasks[.:](\w+)", plan),
    )

    _manage(stage, tell, "release_preorders")
    news = _news(stage, tell)
    tell.claim("the consumer ran both tasks of each", expected=calls, seen=news.ran)


def support(stage: Stage, tell: Timeline) -> None:
    """Process an order again without writing to the customer."""
    tell.case(
        "A support view: the warehouse is told to hurry, the customer gets no mail",
        "It processes the order under BlockTasks, with priority='high' for the task: "
        "queues have an option of that name, which this is not.",
    )
    order = Order.objects.latest("pk")
    _post(stage, tell, f"orders/{order.pk}/resend/")
    news = _news(stage, tell)

    tell.claim(
        "the consumer told the warehouse, and wrote to nobody",
        expected=[f"notify_warehouse({order.pk}, priority='high')"],
        seen=news.ran,
    )
    tell.claim(
        "and the warehouse knows the priority",
        expected=[f"packed a {order.item}, high priority"],
        seen=news.outcomes,
    )


def bulk_import(stage: Stage, tell: Timeline) -> None:
    """Import more customers than the view expects effects."""
    tell.case(
        "A bulk import: stopped by MaxEffects",
        "40 customers and 10 orders would set off 60 tasks. The view allows 20.",
    )
    before = Customer.objects.count()
    reply = _post(stage, tell, "customers/import/", lines=IMPORT_LINES)
    news = _news(stage, tell)

    tell.claim("the request failed", expected=500, seen=reply.status)
    tell.claim(
        "its error names the task that was enqueued most",
        expected=["enrich_from_api"],
        seen=re.findall(
            r"Enqueued most: shop\.tasks[:.](\w+),", _verdicts(news.boundaries)
        ),
    )
    tell.claim("nobody was imported", expected=before, seen=Customer.objects.count())
    tell.claim("the consumer ran nothing", expected=[], seen=news.ran)


def reentrancy(stage: Stage, tell: Timeline) -> None:
    """Let a task save what its own run was set off by."""
    tell.case(
        "Re-entrancy: save, enrich, save ... and there it ends",
        "Customer.save() enqueues a task that saves. That task's scope blocks itself.",
    )
    _post(stage, tell, "customers/", name="Mary", email="mary@example.com")
    news = _news(stage, tell)
    mary = Customer.objects.latest("pk")
    call = f"enrich_from_api({mary.pk})"

    tell.claim("the consumer ran the task once", expected=[call], seen=news.ran)
    tell.claim("the task did save", expected="tea", seen=mary.interest)
    tell.claim(
        "what that save enqueued was blocked in the task's own scope",
        expected=[f"blocked by BlockTasks, the scope's policy: {call}"],
        seen=_effects(news.boundaries, origin=f"task {call}"),
    )


def preview(stage: Stage, tell: Timeline) -> None:
    """Look at the buffer, then let the same happen for good."""
    tell.case(
        "The buffer, looked at before the flush",
        "A preview processes an order under DropAll, shows its scope, and undoes it.",
    )
    order = {"customer": ADA, "item": "kettle"}
    reply = _post(stage, tell, "orders/preview/", **order)
    shown = re.findall(r"<code>\S*?(\w+\(\d+\))</code>", reply.text)
    state = re.findall(r"Scope with 2 intents, (\w+)", reply.text)
    tell.event("client", f"is shown {', '.join(shown)}", reply.at)
    news = _news(stage, tell)
    tell.claim("at the look, the scope was active", expected=["active"], seen=state)
    tell.claim(
        "then DropAll kept back all that was shown",
        expected=[f"blocked by DropAll, the scope's policy: {call}" for call in shown],
        seen=_effects(news.boundaries, origin="POST /orders/preview/"),
    )
    tell.claim("the consumer ran nothing", expected=[], seen=news.ran)

    _post(stage, tell, "orders/", **order, card="good")
    news = _news(stage, tell)
    placed = _calls(Order.objects.latest("pk"))
    tell.claim("the preview showed both tasks", expected=placed, seen=shown)
    tell.claim("placed for good, exactly those ran", expected=shown, seen=news.ran)


CASES = (
    commit,
    inner_scope,
    failure,
    savepoint,
    command,
    support,
    bulk_import,
    reentrancy,
    preview,
)


def _post(stage: Stage, tell: Timeline, path: str, **form: str) -> Reply:
    reply = stage.post(path, **form)
    tell.event("client", f"POST /{path} is answered with {reply.status}", reply.at)
    return reply


def _look(stage: Stage, tell: Timeline) -> Look:
    look = stage.provider.last_look()
    sees = f"counts {look.orders} orders, and {look.queued} in the queue"
    tell.event("provider", sees, look.at)
    return look


def _manage(stage: Stage, tell: Timeline, *arguments: str) -> str:
    at, said = stage.manage(*arguments)
    tell.event("command", f"manage.py {' '.join(arguments)}: {said}", at)
    return said


def _news(stage: Stage, tell: Timeline) -> News:
    news = stage.news()
    tell.news(news)
    return news


def _calls(order: Order) -> list[str]:
    return [f"notify_warehouse({order.pk})", f"send_confirmation_email({order.pk})"]


def _effects(boundaries: list[Boundary], origin: str) -> list[str]:
    return [str(e) for b in boundaries if b.origin == origin for e in b.effects.all()]


def _verdicts(boundaries: list[Boundary]) -> str:
    return " ".join(boundary.verdict for boundary in boundaries)
