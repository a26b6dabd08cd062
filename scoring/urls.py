from django.urls import path

from scoring import views

app_name = "scoring"
urlpatterns = [
    path("companies/", views.companies, name="companies"),
    path("companies/<int:pk>/", views.dossier, name="dossier"),
    path("companies/<int:pk>/runs/<int:run>/", views.dossier, name="dossier_of_run"),
    path("companies/<int:pk>/score/", views.score_company, name="score_company"),
    path("runs/", views.runs_list, name="runs"),
    path("runs/new/", views.run_new, name="run_new"),
    path("runs/<int:pk>/", views.run, name="run"),
    path("runs/<int:pk>/progress/", views.run_progress, name="run_progress"),
    path("runs/<int:pk>/cancel/", views.run_cancel, name="run_cancel"),
    path("runs/<int:pk>/retry/", views.run_retry, name="run_retry"),
]
