"""Where the shop's requests go."""

from django.urls import path

from shop import views

urlpatterns = [
    path("orders/", views.place_order),
    path("orders/list/", views.order_list),
    path("orders/preorder/", views.preorder),
    path("orders/repeat/", views.repeat_order),
    path("orders/preview/", views.preview),
    path("orders/<int:order_id>/resend/", views.resend),
    path("customers/", views.sign_up),
    path("customers/import/", views.import_customers),
]
