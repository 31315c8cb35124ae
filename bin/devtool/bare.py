"""placeholder"""

RELEASES = ("bookworm", "trixie")
USERS = ("root", "user")


def prove(releases: list[str] | None, users: list[str] | None) -> int:
    return 1
