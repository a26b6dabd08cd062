from django.urls import path

from portfolio import views

app_name = "portfolio"
urlpatterns = [
    path("disclosures/", views.disclosures, name="disclosures"),
    path("disclosures/new/", views.new, name="new"),
    path("disclosures/<int:pk>/", views.disclosure, name="disclosure"),
    path("disclosures/<int:pk>/submit/", views.submit, name="submit"),
    path("disclosures/<int:pk>/correct/", views.correct, name="correct"),
    path("disclosures/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("verify/", views.verify_queue, name="verify_queue"),
    path("verify/<int:pk>/", views.verify, name="verify"),
]
