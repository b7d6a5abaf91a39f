"""Where the journal's requests go."""

from django.urls import path

from journal import views

urlpatterns = [
    path("", views.page),
    path("commands/release-preorders/", views.release_preorders),
]
