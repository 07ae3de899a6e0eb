"""How the admin writes dates: day before month, 24 hours, UTC. Pages format their own."""

DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "j M Y H:i"
