"""What PostgreSQL's planner knows of tables that have just grown."""

from django.db import connection
from django.db.models import Model

# Rows that a table may gain before plans made for the smaller one take minutes for seconds.
MANY = 1000


def tell(*models: type[Model]) -> None:
    """Have it count the tables anew. Its own worker does so too, a minute later, where it is on.

    SQLite plans well enough without.
    """
    if connection.vendor == "postgresql":
        tables = ", ".join(model._meta.db_table for model in models)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {tables}")
