"""Who can be asked for what."""

from django.db.models import QuerySet

from telehealth.facilities.models import Facility, HubSpecialty


def hubs_of(spoke: Facility) -> QuerySet[Facility]:
    """Return the hubs a spoke is linked to, with their specialties."""
    return Facility.objects.filter(spoke_links__spoke=spoke).prefetch_related("hub_specialties__specialty")


def offers(hub: Facility, specialty_key: str) -> bool:
    """Say whether a facility is a hub for a specialty."""
    return HubSpecialty.objects.filter(facility=hub, specialty_id=specialty_key).exists()
