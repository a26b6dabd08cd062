"""What tests.faults.nursery loads once: the product with its addresses, and what its processes load when they begin."""

import gc

import django
import sklearn.ensemble
import sklearn.feature_extraction.text  # noqa: F401  with which workers fit the model of emissions
from django.db import connections

django.setup()

from django.urls import get_resolver  # noqa: E402

import tests.faults.world  # noqa: E402, F401

assert get_resolver().url_patterns
connections.close_all()
gc.freeze()
