"""Requests. None of them enqueues anything: the models do, the scope decides."""

import csv
from contextlib import suppress

import airlock
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from shop import payment, stock
from shop.models import Customer, Order
from shop.tasks import send_confirmation_email


@require_POST
def place_order(request: HttpRequest) -> HttpResponse:
    """Accept an order and take the money; if that fails, there is no order."""
    order = _new_order(request)
    order.process()
    payment.charge(order, request.POST["card"])
    return redirect("/#journal")


@require_POST
def repeat_order(request: HttpRequest) -> HttpResponse:
    """Order the same again. The scope of `repeat()` ends before the payment."""
    customer = get_object_or_404(Customer, pk=request.POST["customer"])
    order = customer.order_set.latest("pk").repeat()
    payment.charge(order, request.POST["card"])
    return redirect("/#journal")


@require_POST
def order_list(request: HttpRequest) -> HttpResponse:
    """Accept an order for each row of a list; what is sold out is left out."""
    customer = get_object_or_404(Customer, pk=request.POST["customer"])
    for item in request.POST["items"].splitlines():
        with suppress(stock.SoldOutError), transaction.atomic():
            Order.objects.create(customer=customer, item=item).process()
            stock.reserve(item)
    return redirect("/#journal")


@require_POST
def preorder(request: HttpRequest) -> HttpResponse:
    """Put an order down for later."""
    _new_order(request)
    return redirect("/#journal")


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Show what an order would set off, and undo it."""
    with transaction.atomic(), airlock.scope(airlock.DropAll()) as scope:
        _new_order(request).process()
        transaction.set_rollback(True)
        return render(request, "shop/preview.html", {"scope": scope})


@require_POST
def resend(request: HttpRequest, order_id: int) -> HttpResponse:
    """Process an order again for support, without another mail to the customer."""
    del request
    order = get_object_or_404(Order, pk=order_id)
    with airlock.policy(airlock.BlockTasks({send_confirmation_email})):
        order.process(priority="high")
    return redirect("/#journal")


@require_POST
def sign_up(request: HttpRequest) -> HttpResponse:
    """Welcome a customer."""
    Customer.objects.create(name=request.POST["name"], email=request.POST["email"])
    return redirect("/#journal")


@require_POST
def import_customers(request: HttpRequest) -> HttpResponse:
    """Take over another shop's customers: name, e-mail and perhaps an order."""
    with airlock.policy(airlock.MaxEffects(20)):
        for name, email, item in csv.reader(request.POST["lines"].splitlines()):
            customer = Customer.objects.create(name=name, email=email)
            if item:
                Order.objects.create(customer=customer, item=item).process()
    return redirect("/#journal")


def _new_order(request: HttpRequest) -> Order:
    customer = get_object_or_404(Customer, pk=request.POST["customer"])
    return Order.objects.create(customer=customer, item=request.POST["item"])
