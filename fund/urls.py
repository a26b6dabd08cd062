"""Every address of the product, by package."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from fund import health, views

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="home"), name="root"),
    path("app/", views.home, name="home"),
    path("app/language/", views.choose_language, name="language"),
    path("app/help/style/", views.style, name="style"),
    path("app/", include("portfolio.urls")),
    path("app/", include("scoring.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]

handler500 = views.server_error
