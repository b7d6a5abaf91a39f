"""The shop's own pages, and the journal at the root."""

from django.urls import include, path

urlpatterns = [
    path("", include("shop.urls")),
    path("", include("journal.urls")),
]
