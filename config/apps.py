from django.contrib.admin import apps


class AdminConfig(apps.AdminConfig):
    """Django's admin with our first page."""

    default = False  # named in INSTALLED_APPS, never guessed
    default_site = "catalog.desk.EditorsDesk"
