"""The parts people play. A person may hold several."""

from enum import StrEnum


class PersonRole(StrEnum):
    EDUCATOR = "educator"
    REVIEWER = "reviewer"
    STAFF = "staff"
    RESEARCHER = "researcher"
    ADMIN = "admin"
