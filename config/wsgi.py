"""What the web server loads."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# Pages are built from a hundred thousand small rows that hold no circles: the collector's default
# walks over all of them again and again, a fifth of the time of a page that is built anew.
gc.set_threshold(100_000, 20, 20)
