"""A site with an admin and an API, and somebody who may use both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import path
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer
from rest_framework.views import APIView

from bakery.models import Order

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from pytest_django import Settings
    from rest_framework.request import Request

    OrderAdminBase = admin.ModelAdmin[Order]
else:
    OrderAdminBase = admin.ModelAdmin

MIDDLEWARE = [
    "airlock.integrations.django.AirlockMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]


class OrderAdmin(OrderAdminBase):
    """Orders, with an action."""

    actions = ("bake_again",)

    @admin.action(description="Bake again")
    def bake_again(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Save each order, and fail at a bad one."""
        del request
        for order in queryset.order_by("pk"):
            order.save()
            if order.bread == "bad":
                raise ValueError(order.bread)


class OrderSerializer(ModelSerializer):  # type: ignore[misc] # it has no types
    """An order."""

    class Meta:
        """Of which only the bread is told."""

        model = Order
        fields = ("bread",)


class OrderView(APIView):  # type: ignore[misc]
    """Takes orders."""

    def post(self, request: Request) -> Response:
        """Store an order; bad ones are refused afterwards, in two ways."""
        serializer = OrderSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        if serializer.data["bread"] == "bad":
            raise ValidationError("bad")
        if serializer.data["bread"] == "worse":
            return Response(status=409)
        return Response(status=201)


class Site:
    """What requests are sent to."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        settings.MIDDLEWARE = MIDDLEWARE
        self.serve(OrderAdmin, OrderView)
        self._client = Client(raise_request_exception=False)
        self._client.force_login(User.objects.create_superuser("ada"))

    def serve(self, model_admin: Any, view: Any) -> None:
        """Route requests to these classes."""
        site = admin.AdminSite()
        site.register(Order, model_admin)

        class Routes:
            urlpatterns = (
                path("admin/", site.urls),
                path("api/orders/", view.as_view()),
            )

        self._settings.ROOT_URLCONF = Routes

    def post(self, where: str, **form: object) -> int:
        """Send a form; return the status of the answer."""
        return self._client.post(where, form).status_code


def all_orders() -> list[int]:
    """Return what somebody ticks in the admin."""
    return list(Order.objects.order_by("pk").values_list("pk", flat=True))
