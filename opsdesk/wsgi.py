"""The WSGI entry point gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsdesk.settings")
application = get_wsgi_application()
# Workers fork from this process. What is loaded by now stays for good: the collector need not walk
# it on every page, nor copy it into each worker by marking it.
gc.collect()
gc.freeze()
