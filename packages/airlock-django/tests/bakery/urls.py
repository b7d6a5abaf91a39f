"""Where the views are."""

from django.urls import path

from bakery import slow, streams, views

urlpatterns = [
    path("order/<int:status>/", views.order),
    path("undone/<str:using>/", views.undone),
    path("undone/<str:using>/block/", views.undone_block),
    path("mended/<str:using>/", views.mended),
    path("crash/", views.crash),
    path("leave/", views.leave),
    path("look/", views.look),
    path("browse/", views.browse),
    path("settle/", views.settle),
    path("async/thread/", views.note_thread_async),
    path("async/order/<int:status>/", views.order_async),
    path("async/undone/<str:using>/", views.undone_async),
    path("async/crash/", views.crash_async),
    path("async/browse/", views.browse_async),
    path("slow/", slow.slow),
    path("slow/stream/", slow.slow_stream),
    path("async/slow/", slow.slow_async),
    path("async/stubborn/", slow.stubborn),
    path("async/quiet/", slow.quiet),
    path("async/endless/", slow.endless),
    path("stream/", streams.stream),
    path("stream/crossed/", streams.crossed),
    path("stream/awaited/", streams.awaited),
    path("stream/region/", streams.region),
    path("stream/broken/", streams.broken),
    path("file/", streams.send_file),
    path("file/generated/", streams.generated_file),
    path("async/stream/", streams.stream_async),
    path("async/stream/threads/", streams.threads),
]
