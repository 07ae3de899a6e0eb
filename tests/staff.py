"""People of the three groups, logged in."""

from django.contrib.auth.models import Group, User
from django.test import Client

from catalog import roles


def member(client: Client, group: str) -> User:
    """A new member of a group, who makes this client's requests from now on."""
    roles.ensure()
    user = User.objects.create_user(group.replace(" ", "-"), is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    return user
